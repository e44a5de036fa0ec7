import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "../api/client";

export function contactQuery(id: number) {
  return queryOptions({
    queryKey: ["contact", id],
    queryFn: ({ signal }) => answer(api.GET("/api/contacts/{id}", { params: { path: { id } }, signal })),
    staleTime: 60_000,
  });
}
