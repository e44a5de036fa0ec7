import { infiniteQueryOptions } from "@tanstack/react-query";

import { answer, api } from "../api/client";

const PAGE_SIZE = 50;

export function eventsQuery(conversationId: number) {
  return infiniteQueryOptions({
    queryKey: ["conversation-events", conversationId],
    queryFn: ({ pageParam, signal }) => {
      const params = { path: { id: conversationId }, query: { limit: PAGE_SIZE, cursor: pageParam } };
      return answer(api.GET("/api/conversations/{id}/events", { params, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next_cursor ?? undefined,
    // The thread is whole without them.
    retry: false,
  });
}
