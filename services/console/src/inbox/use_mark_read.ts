import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";

import { answer, api } from "../api/client";
import type { Conversation, Message } from "../api/types";
import { conversationQuery } from "./conversations";

/** Opening a conversation reads it here: as soon as its newest message is on a screen that somebody looks at. */
export function useMarkRead(
  conversation: Conversation | undefined,
  newest: Message | undefined,
  isAtEnd: boolean,
): void {
  const queries = useQueryClient();
  const isVisible = useSyncExternalStore(onVisibility, () => document.visibilityState === "visible");
  const marked = useRef<string | null>(null);
  const { mutate } = useMutation({
    mutationFn: ({ id, upTo }: { id: number; upTo: string }) =>
      answer(api.POST("/api/conversations/{id}/read", { params: { path: { id } }, body: { up_to: upTo } })),
    onSuccess: read => {
      queries.setQueryData(conversationQuery(read.id).queryKey, read);
      void queries.invalidateQueries({ queryKey: ["unread-total"] });
    },
    // Tried again with the next message or the next opening.
    onError: () => {
      marked.current = null;
    },
  });

  useEffect(() => {
    if (!conversation?.unread || !newest || !isAtEnd || !isVisible || marked.current === newest.sent_at) return;
    marked.current = newest.sent_at;
    mutate({ id: conversation.id, upTo: newest.sent_at });
  }, [conversation, newest, isAtEnd, isVisible, mutate]);
}

function onVisibility(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}
