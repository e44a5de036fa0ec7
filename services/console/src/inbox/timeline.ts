import type { Message } from "../api/types";
import { dayOf, type TimeStyle } from "../time/format";

export type TimelineItem =
  | { kind: "day"; key: string; time: Date }
  | { kind: "message"; key: string; message: Message; time: Date; isFirst: boolean; isLast: boolean };

/** Messages of one side within five minutes are read as one. */
const GROUP_MS = 5 * 60_000;

/** A thread from oldest to newest with a separator where a day begins in the account's time zone. */
export function timelineOf(messages: Message[], style: TimeStyle): TimelineItem[] {
  const items: TimelineItem[] = [];
  messages.forEach((message, index) => {
    const time = new Date(message.sent_at);
    const before = messages[index - 1];
    const after = messages[index + 1];
    const isNewDay = !before || dayOf(new Date(before.sent_at), style) !== dayOf(time, style);
    if (isNewDay) items.push({ kind: "day", key: `day-${dayOf(time, style)}`, time });
    items.push({
      kind: "message",
      key: `message-${message.id}`,
      message,
      time,
      isFirst: isNewDay || !before || !isOneGroup(before, message),
      isLast: !after || !isOneGroup(message, after) || dayOf(new Date(after.sent_at), style) !== dayOf(time, style),
    });
  });
  return items;
}

function isOneGroup(one: Message, next: Message): boolean {
  return one.from_page === next.from_page && Date.parse(next.sent_at) - Date.parse(one.sent_at) < GROUP_MS;
}
