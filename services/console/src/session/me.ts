import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import type { Me } from "../api/types";

/** Who is signed in, and into which account. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => answer(api.GET("/api/me", { signal })),
  staleTime: 5 * 60_000,
});

/** Inside the shell, which is not shown before it is known who is signed in. */
export function useSignedIn(): Me {
  return useSuspenseQuery(meQuery).data;
}

export function mayManage({ account }: Me): boolean {
  return account.role === "owner" || account.role === "admin";
}
