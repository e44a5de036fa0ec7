import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";

import type { Conversation, ConversationList } from "../api/types";
import type { Hint } from "../live/hints";
import { useHints } from "../live/Live";
import { conversationsQuery, type Filter, readConversations, readNewestPage } from "./conversations";
import { moveToPlace, newsFor, type Placed, placeRows, rowsOf, updateInPlace } from "./listing";

/** More changed conversations than this are read as a page of the list instead of one by one. */
const READ_ONE_BY_ONE = 8;

type Pages = InfiniteData<ConversationList, unknown>;

/**
 * The list as it is shown: loaded rows and their place, live. While `isAtTop` says no, nothing moves; what would come
 * in is kept as news until `showNews`.
 */
export function useConversationList(filter: Filter, isAtTop: () => boolean) {
  const queries = useQueryClient();
  const options = useMemo(() => conversationsQuery(filter), [filter]);
  const query = useInfiniteQuery(options);
  const [news, setNews] = useState<ReadonlyMap<number, Conversation>>(new Map());
  const placed = usePlaced(query.data?.pages);

  const edit = useCallback(
    (change: (pages: ConversationList[]) => ConversationList[]) =>
      queries.setQueryData<Pages>(options.queryKey, data => data && { ...data, pages: change(data.pages) }),
    [queries, options],
  );

  const showNewest = useCallback(
    (newest: ConversationList) => {
      queries.setQueryData<Pages>(options.queryKey, { pages: [newest], pageParams: [{}] });
      setNews(new Map());
    },
    [queries, options],
  );

  function take(changed: Conversation[]): void {
    const pages = queries.getQueryData<Pages>(options.queryKey)?.pages;
    if (!pages) return;
    if (isAtTop() && placed.base === 0) {
      edit(now => moveToPlace(now, changed, filter));
      return;
    }
    const added = newsFor(pages, changed, filter);
    edit(now => updateInPlace(now, changed));
    if (added.length > 0) setNews(known => new Map([...known, ...added.map(row => [row.id, row] as const)]));
  }

  useHints(hints => void follow(hints));
  async function follow(hints: Hint[]): Promise<void> {
    const ids = new Set(hints.flatMap(hint => (hint.kind === "conversations" ? hint.ids : [])));
    const isResync = hints.some(hint => hint.kind === "resync");
    if (!isResync && ids.size === 0) return;
    if (!isResync && ids.size <= READ_ONE_BY_ONE) {
      take(await readConversations([...ids], queries));
      return;
    }
    const newest = await readNewestPage(filter).catch(() => null);
    if (!newest) return;
    if (isAtTop() && placed.base === 0) showNewest(newest);
    else take(newest.data);
  }

  async function showNews(): Promise<void> {
    if (placed.base === 0) {
      edit(now => moveToPlace(now, [...news.values()], filter));
      setNews(new Map());
    } else {
      showNewest(await readNewestPage(filter));
    }
  }

  return { query, placed, newsCount: news.size, showNews, take };
}

/** Follows the rows through pages that come and go. */
function usePlaced(pages: ConversationList[] | undefined): Placed {
  const rows = useMemo(() => (pages ? rowsOf(pages) : []), [pages]);
  const last = useRef<Placed>({ rows: [], base: 0, shift: 0 });
  return useMemo(() => {
    if (rows !== last.current.rows) last.current = placeRows(last.current, rows);
    return last.current;
  }, [rows]);
}
