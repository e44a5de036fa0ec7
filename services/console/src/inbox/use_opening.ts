import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useLocation } from "@tanstack/react-router";
import { useCallback, useRef } from "react";

import { messagesQuery } from "./messages";

const route = getRouteApi("/signed-in/inbox/{-$conversation}");

/** So long the pointer rests on a row that is meant; the others only pass beneath it. */
const HOVER_MS = 80;

/** Where a row leads to: its conversation, beside the list as it is filtered now. */
export function useOpening() {
  const queries = useQueryClient();
  const navigate = route.useNavigate();
  const search = useLocation({ select: location => withoutContact(location.searchStr) });
  const open = useCallback(
    (id: number) => void navigate({ params: { conversation: id }, search: now => ({ ...now, contact: undefined }) }),
    [navigate],
  );
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const prepare = useCallback(
    (id: number) => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void queries.prefetchInfiniteQuery(messagesQuery(id)), HOVER_MS);
    },
    [queries],
  );
  const hrefOf = (id: number) => `/inbox/${id}${search}`;
  return { hrefOf, open, prepare };
}

function withoutContact(searchText: string): string {
  const search = new URLSearchParams(searchText);
  search.delete("contact");
  return search.size > 0 ? `?${search}` : "";
}
