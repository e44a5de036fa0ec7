import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "../api/client";

export const accountQuery = queryOptions({
  queryKey: ["account"],
  queryFn: ({ signal }) => answer(api.GET("/api/account", { signal })),
});

export const apiKeysQuery = queryOptions({
  queryKey: ["api-keys"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/api-keys", { signal }))).data,
});
