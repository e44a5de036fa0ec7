import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import type { Run } from "../api/types";
import { hasEnded, runQuery } from "../connect/queries";

/**
 * Keeps a run's query as new as its own stream is. Where the stream is refused (a person may hold only so many open) or
 * breaks off, the query's own polling goes on.
 */
export function useFollowedRun(id: number, isOver: boolean): void {
  const queries = useQueryClient();
  useEffect(() => (isOver ? undefined : follow(id, queries)), [id, isOver, queries]);
}

function follow(id: number, queries: QueryClient): () => void {
  const source = new EventSource(`/api/sync-runs/${id}/events`);
  source.addEventListener("run", event => {
    const run = readRun((event as MessageEvent<string>).data);
    if (run?.id !== id) return;
    queries.setQueryData(runQuery(id).queryKey, run);
    // The gateway ends the stream with the run; the browser would open it again.
    if (hasEnded(run)) source.close();
  });
  return () => source.close();
}

function readRun(data: string): Run | null {
  try {
    return JSON.parse(data) as Run | null;
  } catch {
    return null;
  }
}
