import type { QueryClient } from "@tanstack/react-query";

import type { Hint } from "./hints";

/**
 * Makes the cache read again what the hints are about. The open list and the open thread do that themselves
 * (`useHints`), page by page; those that are not shown are only forgotten or marked as old.
 */
export function refreshAfter(hints: Hint[], queries: QueryClient): void {
  if (hints.some(hint => hint.kind === "resync")) {
    forgetHiddenInbox(queries);
    void queries.invalidateQueries({ predicate: ({ queryKey }) => !READ_BY_THEIR_VIEW.has(queryKey[0]) });
    return;
  }
  const conversations = hints.flatMap(hint => (hint.kind === "conversations" ? hint.ids : []));
  if (conversations.length > 0) {
    forgetHiddenInbox(queries, new Set(conversations));
    void queries.invalidateQueries({ queryKey: ["unread-total"] });
    void queries.invalidateQueries({ queryKey: ["contact"] });
  }
  const runs = hints.filter(hint => hint.kind === "run");
  for (const id of new Set(runs.flatMap(run => [run.id, run.parentId]))) {
    if (id !== null) void queries.invalidateQueries({ queryKey: ["run", id] });
  }
  if (runs.length > 0) void queries.invalidateQueries({ queryKey: ["runs", "active"] });
  if (runs.some(run => run.ended)) {
    for (const key of ["sync-statistics", "graph-usage", "parked", "parked-total"]) {
      void queries.invalidateQueries({ queryKey: [key] });
    }
    void queries.invalidateQueries({ queryKey: ["runs", "list"] });
  }
  if (runs.some(run => run.ended) || hints.some(hint => hint.kind === "connection")) {
    for (const key of ["connections", "connection", "unconnected", "page-statistics", "health"]) {
      void queries.invalidateQueries({ queryKey: [key] });
    }
  }
}

const READ_BY_THEIR_VIEW = new Set<unknown>(["conversations", "messages"]);

function forgetHiddenInbox(queries: QueryClient, ids?: Set<number>): void {
  queries.removeQueries({ queryKey: ["conversations"], type: "inactive" });
  void queries.invalidateQueries({
    queryKey: ["messages"],
    refetchType: "none",
    predicate: query => !query.isActive() && (!ids || ids.has(query.queryKey[1] as number)),
  });
}
