import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import type { Conversation, ConversationList } from "../api/types";

/** What the list shows; a part of the address. */
export interface Filter {
  unread?: true | undefined;
  connection?: number | undefined;
}

interface Place {
  cursor?: string;
  direction?: "older" | "newer";
}

const PAGE_SIZE = 100;
/** So many pages stay in memory, wherever in a million rows one is. */
const PAGES_KEPT = 12;

export function conversationsQuery(filter: Filter) {
  return infiniteQueryOptions({
    queryKey: ["conversations", { unread: filter.unread ?? null, connection: filter.connection ?? null }],
    queryFn: ({ pageParam, signal }) => readPage(filter, pageParam, signal),
    initialPageParam: {} as Place,
    getNextPageParam: (page): Place | undefined =>
      page.next_cursor ? { cursor: page.next_cursor, direction: "older" } : undefined,
    getPreviousPageParam: (page): Place | undefined =>
      page.previous_cursor ? { cursor: page.previous_cursor, direction: "newer" } : undefined,
    maxPages: PAGES_KEPT,
    // Events say what changed; reading a dozen pages again because a minute has passed would move them for nothing.
    staleTime: Infinity,
  });
}

export function readNewestPage(filter: Filter): Promise<ConversationList> {
  return readPage(filter, {});
}

function readPage({ unread, connection }: Filter, place: Place, signal?: AbortSignal): Promise<ConversationList> {
  const query = {
    limit: PAGE_SIZE,
    ...place,
    ...(unread && { unread }),
    ...(connection && { connection_id: connection }),
  };
  return answer(api.GET("/api/conversations", { params: { query }, ...(signal && { signal }) }));
}

export function conversationQuery(id: number) {
  return queryOptions({
    queryKey: ["conversation", id],
    queryFn: ({ signal }) => answer(api.GET("/api/conversations/{id}", { params: { path: { id } }, signal })),
  });
}

/** These conversations as they are now, without those that are gone. */
export async function readConversations(ids: number[], queries: QueryClient): Promise<Conversation[]> {
  const read = await Promise.allSettled(
    ids.map(id => queries.fetchQuery({ ...conversationQuery(id), staleTime: 0, retry: false })),
  );
  return read.flatMap(one => (one.status === "fulfilled" ? [one.value] : []));
}
