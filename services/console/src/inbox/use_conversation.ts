import { type InfiniteData, useQuery, useQueryClient } from "@tanstack/react-query";

import type { ConversationDetail, ConversationList } from "../api/types";
import { conversationQuery } from "./conversations";
import { rowsOf } from "./listing";

/** One conversation; until it is read, what the list knows of it. */
export function useConversation(id: number) {
  const queries = useQueryClient();
  return useQuery({
    ...conversationQuery(id),
    placeholderData: (): ConversationDetail | undefined =>
      queries
        .getQueriesData<InfiniteData<ConversationList>>({ queryKey: ["conversations"] })
        .flatMap(([, data]) => (data ? rowsOf(data.pages) : []))
        .find(row => row.id === id),
  });
}
