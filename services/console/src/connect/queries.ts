import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import type { Run } from "../api/types";

/** The net under the event stream. */
const POLL_MS = 3_000;

export function runQuery(id: number) {
  return queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }) => answer(api.GET("/api/sync-runs/{id}", { params: { path: { id } }, signal })),
    staleTime: 0,
    refetchInterval: query => (query.state.data && hasEnded(query.state.data) ? false : POLL_MS),
  });
}

const ENDS = ["succeeded", "failed", "parked", "canceled"];

export function hasEnded({ state }: Pick<Run, "state">): boolean {
  return ENDS.includes(state);
}
