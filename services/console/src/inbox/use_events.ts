import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import type { ConversationEvent } from "../api/types";
import { useHints } from "../live/Live";
import { eventsQuery } from "./events";

/** What happened in a conversation beside messages, as far back as its messages were read. */
export function useEvents(id: number, oldestMessageAt: string | undefined): ConversationEvent[] {
  const query = useInfiniteQuery(eventsQuery(id));
  const pages = query.data?.pages;
  const events = useMemo(() => pages?.flatMap(page => page.data) ?? [], [pages]);
  const oldest = events.at(-1);

  useHints(hints => {
    const isMeant = hints.some(
      hint => hint.kind === "resync" || (hint.kind === "conversations" && hint.ids.includes(id)),
    );
    if (isMeant) void query.refetch();
  });
  useEffect(() => {
    if (!query.hasNextPage || query.isFetching || query.isError || !oldest || !oldestMessageAt) return;
    if (Date.parse(oldest.at) > Date.parse(oldestMessageAt)) void query.fetchNextPage();
  });
  return events;
}
