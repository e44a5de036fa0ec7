import { infiniteQueryOptions } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import type { Message, MessageList } from "../api/types";

const PAGE_SIZE = 50;

export function messagesQuery(conversationId: number) {
  return infiniteQueryOptions({
    queryKey: ["messages", conversationId],
    queryFn: ({ pageParam, signal }) => readMessages(conversationId, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next_cursor ?? undefined,
    // Events say when a thread has changed.
    staleTime: Infinity,
  });
}

export function readMessages(id: number, cursor?: string, signal?: AbortSignal): Promise<MessageList> {
  const params = { path: { id }, query: { limit: PAGE_SIZE, cursor } };
  return answer(api.GET("/api/conversations/{id}/messages", { params, ...(signal && { signal }) }));
}

/** What is newest now, beside what was read before. Where both do not meet, what lies between is read by scrolling. */
export function mergeNewest(pages: MessageList[], newest: MessageList): MessageList[] {
  const loaded = new Set(pages.flatMap(page => page.data.map(message => message.id)));
  const meets = newest.next_cursor === null || newest.data.some(message => loaded.has(message.id));
  const [first, ...older] = pages;
  if (!first || !meets) return [newest];
  return [{ ...first, data: [...newest.data, ...first.data] }, ...older];
}

/** Oldest first, each once: the version that was read last. */
export function messagesOf(pages: MessageList[]): Message[] {
  const messages = new Map<number, Message>();
  for (const message of pages.flatMap(page => page.data)) {
    if (!messages.has(message.id)) messages.set(message.id, message);
  }
  return [...messages.values()].sort(
    (one, other) => Date.parse(one.sent_at) - Date.parse(other.sent_at) || one.id - other.id,
  );
}
