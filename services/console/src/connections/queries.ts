import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answer, api } from "../api/client";

/** All connections, page by page. */
export const connectionsQuery = infiniteQueryOptions({
  queryKey: ["connections", "all"],
  queryFn: ({ pageParam, signal }) =>
    answer(api.GET("/api/connections", { params: { query: { limit: 100, cursor: pageParam } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: page => page.next_cursor ?? undefined,
});

/** Those that somebody must log in for again. */
export const brokenConnectionsQuery = queryOptions({
  queryKey: ["connections", "broken"],
  queryFn: async ({ signal }) => {
    const query = { state: "reauthorization_required" as const, limit: 100 };
    return (await answer(api.GET("/api/connections", { params: { query }, signal }))).data;
  },
  staleTime: 60_000,
  retry: false,
});

export function connectionQuery(id: number) {
  return queryOptions({
    queryKey: ["connection", id],
    queryFn: ({ signal }) => answer(api.GET("/api/connections/{id}", { params: { path: { id } }, signal })),
  });
}

export function pageStatisticsQuery(id: number) {
  return queryOptions({
    queryKey: ["page-statistics", id],
    queryFn: async ({ signal }) => {
      const path = { page_id: id };
      return (await answer(api.GET("/api/facebook/pages/{page_id}/sync-status", { params: { path }, signal })))
        .statistics;
    },
  });
}

/** Pages that Facebook named at the last look and that could not be connected. */
export const unconnectedQuery = queryOptions({
  queryKey: ["unconnected"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/unconnected-pages", { signal }))).data,
});

/** When a Page was not heard, the newest first. */
export function incidentsQuery(id: number) {
  return queryOptions({
    queryKey: ["connection", id, "incidents"],
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/connections/{id}/incidents", { params: { path: { id } }, signal }))).data,
  });
}
