import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import type { Range } from "./buckets";

/** Which runs are listed; the address keeps it. */
export interface RunFilter {
  page?: number | undefined;
  kind?: string | undefined;
  state?: string | undefined;
}

const RUNS_IN_ONE_ANSWER = 20;
/** The event stream says when a run moves; this is the net under it. */
const ACTIVE_POLL_MS = 10_000;
/** A minute is as fine as figures are. */
const FIGURES_POLL_MS = 60_000;

export function runsQuery({ page, kind, state }: RunFilter) {
  return infiniteQueryOptions({
    queryKey: ["runs", "list", page ?? null, kind ?? null, state ?? null],
    queryFn: ({ pageParam, signal }) => {
      const query = { connection_id: page, kind, state, limit: RUNS_IN_ONE_ANSWER, cursor: pageParam };
      return answer(api.GET("/api/sync-runs", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: list => list.next_cursor ?? undefined,
  });
}

/** Those that have not ended, of all Pages. */
export const activeRunsQuery = queryOptions({
  queryKey: ["runs", "active"],
  queryFn: async ({ signal }) => {
    const query = { active: true, limit: 100 };
    return (await answer(api.GET("/api/sync-runs", { params: { query }, signal }))).data;
  },
  refetchInterval: ACTIVE_POLL_MS,
});

export function historyQuery(range: Range) {
  return queryOptions({
    queryKey: ["sync-statistics", range],
    queryFn: ({ signal }) => answer(api.GET("/api/sync-statistics", { params: { query: { range } }, signal })),
    refetchInterval: FIGURES_POLL_MS,
    placeholderData: keepPreviousData,
  });
}

export function usageQuery(range: Range) {
  return queryOptions({
    queryKey: ["graph-usage", range],
    queryFn: ({ signal }) => answer(api.GET("/api/graph-usage", { params: { query: { range } }, signal })),
    refetchInterval: FIGURES_POLL_MS,
    placeholderData: keepPreviousData,
  });
}

export type SyncPart = "full" | "details" | "contacts";

/** Starts a sync of a Page, or of a part of it, and answers the run to follow. One that does the same is joined. */
export async function startSync(part: SyncPart, connection: number): Promise<number | null> {
  const params = { path: { page_id: connection }, query: { wait: 0 } };
  const started = await answer<object>(
    part === "full"
      ? api.POST("/api/facebook/pages/{page_id}/full-sync-from-facebook", { params })
      : part === "details"
        ? api.POST("/api/facebook/pages/{page_id}/sync-from-facebook", { params })
        : api.POST("/api/facebook/pages/{page_id}/sync-contacts-from-facebook", { params }),
  );
  return "run" in started ? (started as { run: { id: number } }).run.id : null;
}
