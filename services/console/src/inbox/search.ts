import { infiniteQueryOptions } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import type { FoundMessage } from "../api/types";

/** The gateway's limit. */
export const LONGEST_SEARCH = 200;
const CONTACTS_IN_ONE_ANSWER = 8;
const MESSAGES_IN_ONE_ANSWER = 20;

interface Search {
  q: string;
  connection: number | undefined;
}

export function contactSearchQuery({ q, connection }: Search) {
  return infiniteQueryOptions({
    queryKey: ["search", "contacts", q, connection ?? null],
    queryFn: ({ pageParam, signal }) => {
      const query = { q, connection_id: connection, limit: CONTACTS_IN_ONE_ANSWER, cursor: pageParam };
      return answer(api.GET("/api/contacts", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next_cursor ?? undefined,
  });
}

export function messageSearchQuery({ q, connection }: Search) {
  return infiniteQueryOptions({
    queryKey: ["search", "messages", q, connection ?? null],
    queryFn: ({ pageParam, signal }) => {
      const query = { q, connection_id: connection, limit: MESSAGES_IN_ONE_ANSWER, cursor: pageParam };
      return answer(api.GET("/api/messages/search", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next_cursor ?? undefined,
  });
}

/** A snippet cut where the words that were found begin and end. */
export function markedParts({ text, marks }: FoundMessage["snippet"]): { text: string; isFound: boolean }[] {
  const parts: { text: string; isFound: boolean }[] = [];
  let at = 0;
  for (const { start, end } of marks) {
    if (start < at || end <= start) continue;
    parts.push({ text: text.slice(at, start), isFound: false }, { text: text.slice(start, end), isFound: true });
    at = end;
  }
  parts.push({ text: text.slice(at), isFound: false });
  return parts.filter(part => part.text !== "");
}
