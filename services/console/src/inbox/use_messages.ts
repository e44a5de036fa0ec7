import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";

import type { MessageList } from "../api/types";
import { useHints } from "../live/Live";
import { mergeNewest, messagesOf, messagesQuery, readMessages } from "./messages";

/** A thread's messages, live. */
export function useMessages(id: number) {
  const queries = useQueryClient();
  const query = useInfiniteQuery(messagesQuery(id));
  const pages = query.data?.pages;
  const messages = useMemo(() => (pages ? messagesOf(pages) : []), [pages]);

  useHints(hints => {
    const isMeant = hints.some(
      hint => hint.kind === "resync" || (hint.kind === "conversations" && hint.ids.includes(id)),
    );
    if (isMeant) void readNewest().catch(() => {});
  });
  async function readNewest(): Promise<void> {
    const newest = await readMessages(id);
    queries.setQueryData<InfiniteData<MessageList, string | undefined>>(messagesQuery(id).queryKey, data => {
      if (!data) return data;
      const merged = mergeNewest(data.pages, newest);
      return { pages: merged, pageParams: data.pageParams.slice(0, merged.length) };
    });
  }

  return { query, messages };
}
