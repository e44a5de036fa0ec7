import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import type { Run } from "../api/types";

/** Which parked work is listed; the address keeps it. */
export interface ParkedFilter {
  queue?: string | undefined;
  page?: number | undefined;
  reason?: string | undefined;
  age?: string | undefined;
}

const POLL_MS = 60_000;

/** The filter as the gateway reads it, in a query and in a body. */
export function asSelection({ queue, page, reason, age }: ParkedFilter) {
  return {
    ...(queue && { queue }),
    ...(page !== undefined && { page: String(page) }),
    ...(reason?.trim() && { reason: reason.trim() }),
    ...(age && { older_than: age }),
  };
}

export function isFiltered(filter: ParkedFilter): boolean {
  return Object.keys(asSelection(filter)).length > 0;
}

export function parkedQuery(filter: ParkedFilter) {
  return infiniteQueryOptions({
    queryKey: ["parked", asSelection(filter)],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...asSelection(filter), limit: 50, cursor: pageParam };
      return answer(api.GET("/api/parked", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: list => list.next_cursor ?? undefined,
    refetchInterval: POLL_MS,
    retry: false,
  });
}

/** How much waits, whatever is filtered: each look reads the queues, so it is not made often. */
export const parkedTotalQuery = queryOptions({
  queryKey: ["parked-total"],
  queryFn: async ({ signal }) => {
    const { totals } = await answer(api.GET("/api/parked", { params: { query: { limit: 1 } }, signal }));
    return sumOf(totals);
  },
  staleTime: 30_000,
  refetchInterval: 2 * POLL_MS,
  retry: false,
});

export function sumOf(totals: Record<string, number>): number {
  return Object.values(totals).reduce((sum, count) => sum + count, 0);
}

export function parkedContentQuery(id: string) {
  return queryOptions({
    queryKey: ["parked-content", id],
    queryFn: ({ signal }) => answer(api.GET("/api/parked/{id}", { params: { path: { id } }, signal })),
    staleTime: Infinity,
    retry: false,
  });
}

/** As many pages of the list are looked through for a run's command. */
const MOST_PAGES = 10;

/** Replays the command that a run was parked with; false where it is no longer there. */
export async function replayRun(run: Pick<Run, "id" | "connection">): Promise<boolean> {
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = { ...(run.connection && { page: String(run.connection.id) }), limit: 100, cursor };
    const list = await answer(api.GET("/api/parked", { params: { query } }));
    const command = list.data.find(({ run_id: of }) => of === run.id);
    if (command) {
      await answer(api.POST("/api/parked/{id}/replay", { params: { path: { id: command.id } } }));
      return true;
    }
    if (!list.next_cursor) return false;
    cursor = list.next_cursor;
  }
  return false;
}
