import { IconMessageOff } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ConversationDetail } from "../api/types";
import { Empty } from "../parts/Empty";
import { ProblemNotice } from "../parts/ProblemNotice";
import { contained } from "../text/contained";
import { dayHeading } from "../time/format";
import { useNow } from "../time/now";
import { useTimeStyle } from "../time/time_style";
import { Bubble } from "./Bubble";
import { customerName } from "./customer_name";
import { Happened } from "./Happened";
import { LoadingBubbles } from "./LoadingBubbles";
import { type Marks, marksOf } from "./marks";
import { type TimelineItem, timelineOf } from "./timeline";
import { useEnd } from "./use_end";
import { useEvents } from "./use_events";
import { useMarkRead } from "./use_mark_read";
import { useMessages } from "./use_messages";
import styles from "./thread.module.css";

/** So near to the end, one reads the newest messages. */
const END_PX = 60;
/** Older messages are asked for before the reader comes to them. */
const ITEMS_AHEAD = 10;

interface MessagesProps {
  id: number;
  conversation: ConversationDetail | undefined;
}

/** The messages, kept where the reader is: at the end new ones come into view, further up they are only announced. */
export function Messages({ id, conversation }: MessagesProps) {
  const { t } = useTranslation();
  const style = useTimeStyle();
  const { query, messages } = useMessages(id);
  const { locale, timeZone } = style;
  const events = useEvents(id, messages[0]?.sent_at);
  const isWhole = !query.hasNextPage;
  const items = useMemo(
    () => timelineOf(messages, { locale, timeZone }, events, isWhole),
    [messages, locale, timeZone, events, isWhole],
  );
  const marks = useMemo(() => marksOf(messages, conversation ?? {}), [messages, conversation]);
  const scroller = useRef<HTMLDivElement>(null);
  const [newestSeen, setNewestSeen] = useState(0);

  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: index => (items[index]?.kind === "message" ? 52 : 44),
    getItemKey: index => items[index]?.key ?? index,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: END_PX,
    overscan: 12,
  });
  const shown = virtualizer.getVirtualItems();
  const hasMessages = items.length > 0;
  const newest = messages.at(-1);
  const { isAtEnd, ...reading } = useEnd({
    scroller,
    hasMessages,
    isAtEndNow: () => virtualizer.isAtEnd(END_PX),
    scrollToEnd: () => virtualizer.scrollToEnd(),
  });
  const newBelow = isAtEnd ? 0 : messages.filter(message => message.id > newestSeen && !message.from_page).length;

  useEffect(() => {
    if (isAtEnd && newest) setNewestSeen(newest.id);
  }, [isAtEnd, newest]);
  useEffect(() => {
    const isNear = (shown[0]?.index ?? ITEMS_AHEAD) < ITEMS_AHEAD;
    if (hasMessages && isNear && query.hasNextPage && !query.isFetching && !query.isError) void query.fetchNextPage();
  });
  useMarkRead(conversation, newest, isAtEnd);

  if (query.isPending) return <LoadingBubbles />;
  if (!query.data) {
    return (
      <div className={styles.problem}>
        <ProblemNotice what={t("thread.loadFailed")} error={query.error} retry={() => void query.refetch()} />
      </div>
    );
  }
  if (!hasMessages) return <Empty icon={<IconMessageOff />} title={t("thread.empty")} why={t("thread.emptyWhy")} />;
  const name = conversation ? customerName(conversation.contact, t) : t("inbox.nameless");
  return (
    <div className={styles.body}>
      <div
        ref={scroller}
        className={styles.scroller}
        {...reading}
        tabIndex={0}
        role="log"
        aria-label={t("thread.messages", { name: contained(name) })}
        data-testid="thread"
      >
        {query.isFetchNextPageError && (
          <ProblemNotice what={t("thread.olderFailed")} error={query.error} retry={() => void query.fetchNextPage()} />
        )}
        <div className={styles.items} style={{ height: virtualizer.getTotalSize() }}>
          {shown.map(({ key, index, start }) => (
            <div
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              className={styles.item}
              style={{ transform: `translateY(${start}px)` }}
            >
              <Item item={items[index]} conversation={conversation} marks={marks} />
            </div>
          ))}
        </div>
      </div>
      {!isAtEnd && (
        <button type="button" className={styles.toEnd} onClick={() => virtualizer.scrollToEnd()}>
          ↓ {newBelow > 0 ? t("thread.newBelow", { count: newBelow }) : t("thread.toEnd")}
        </button>
      )}
    </div>
  );
}

interface ItemProps {
  item: TimelineItem | undefined;
  conversation: ConversationDetail | undefined;
  marks: Marks;
}

function Item({ item, conversation, marks }: ItemProps) {
  switch (item?.kind) {
    case undefined:
      return null;
    case "day":
      return <Day time={item.time} />;
    case "event":
      return <Happened event={item.event} time={item.time} />;
    case "message":
      return <Bubble item={item} conversation={conversation} mark={markOf(item.message.id, marks)} />;
  }
}

function markOf(id: number, { seen, delivered }: Marks): "seen" | "delivered" | null {
  return id === seen ? "seen" : id === delivered ? "delivered" : null;
}

function Day({ time }: { time: Date }) {
  const now = useNow();
  const style = useTimeStyle();
  return (
    <div className={styles.day}>
      <span>{dayHeading(time, now, style)}</span>
    </div>
  );
}
