import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { LoadingRows } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { ConversationRow } from "./ConversationRow";
import type { Filter } from "./conversations";
import { EmptyList } from "./EmptyList";
import { useConversationList } from "./use_conversation_list";
import { useOpening } from "./use_opening";
import { useRowKeys } from "./use_row_keys";
import styles from "./inbox.module.css";

const ROW_HEIGHT = 68;
/** The next page is asked for when so many rows are left below or above. */
const ROWS_AHEAD = 40;

interface ConversationListProps {
  filter: Filter;
  selected: number | undefined;
}

/** Any number of conversations, newest first; only those on screen are in the document. */
export function ConversationList({ filter, selected }: ConversationListProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const isAtTop = () => (scroller.current?.scrollTop ?? 0) < 4;
  const { query, placed, newsCount, showNews } = useConversationList(filter, isAtTop);
  const { rows, base } = placed;

  const virtualizer = useVirtualizer({
    count: base + rows.length + (query.hasNextPage ? 1 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: index => rows[index - base]?.id ?? `outside-${index}`,
    overscan: 10,
  });
  const items = virtualizer.getVirtualItems();
  const firstShown = items[0]?.index ?? 0;
  const lastShown = items.at(-1)?.index ?? 0;

  useLayoutEffect(() => {
    if (placed.shift > 0 && scroller.current && !isAtTop()) scroller.current.scrollTop += placed.shift * ROW_HEIGHT;
  }, [placed]);
  useEffect(() => {
    if (query.isFetching || query.isError) return;
    if (query.hasNextPage && lastShown > base + rows.length - ROWS_AHEAD) void query.fetchNextPage();
    else if (base > 0 && firstShown < base + ROWS_AHEAD) void query.fetchPreviousPage();
  }, [query, base, rows.length, firstShown, lastShown]);

  const opening = useOpening();
  const keys = useRowKeys({
    rows,
    selected,
    scrollTo: index => virtualizer.scrollToIndex(base + index, { align: "auto" }),
    container: scroller,
  });

  if (query.isPending) return <LoadingRows count={10} height={ROW_HEIGHT} />;
  if (!query.data) {
    return (
      <div className={styles.listProblem}>
        <ProblemNotice what={t("inbox.loadFailed")} error={query.error} retry={() => void query.refetch()} />
      </div>
    );
  }
  if (rows.length === 0) return <EmptyList filter={filter} />;
  return (
    <div className={styles.listBody}>
      {newsCount > 0 && (
        <button
          type="button"
          className={styles.news}
          onClick={() => {
            scroller.current?.scrollTo({ top: 0 });
            void showNews();
          }}
        >
          ↑ {t("inbox.new", { count: newsCount })}
        </button>
      )}
      <div
        ref={scroller}
        className={styles.scroller}
        onKeyDown={keys.onKeyDown}
        onScroll={() => newsCount > 0 && isAtTop() && void showNews()}
        data-testid="conversations"
      >
        <div
          role="list"
          aria-label={t("inbox.list")}
          className={styles.rows}
          style={{ height: virtualizer.getTotalSize() }}
        >
          {items.map(item => {
            const row = rows[item.index - base];
            return (
              <div
                key={item.key}
                role="listitem"
                className={styles.rowPlace}
                style={{ height: ROW_HEIGHT, transform: `translateY(${item.start}px)` }}
              >
                {row ? (
                  <ConversationRow
                    conversation={row}
                    isSelected={row.id === selected}
                    href={opening.hrefOf(row.id)}
                    open={opening.open}
                    prepare={opening.prepare}
                  />
                ) : (
                  <LoadingRows count={1} height={ROW_HEIGHT} />
                )}
              </div>
            );
          })}
        </div>
        {query.isFetchNextPageError && (
          <ProblemNotice what={t("inbox.moreFailed")} error={query.error} retry={() => void query.fetchNextPage()} />
        )}
      </div>
    </div>
  );
}
