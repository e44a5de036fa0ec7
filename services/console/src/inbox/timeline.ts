import type { ConversationEvent, Message } from "../api/types";
import { dayOf, type TimeStyle } from "../time/format";

export type TimelineItem =
  | { kind: "day"; key: string; time: Date }
  | { kind: "event"; key: string; event: ConversationEvent; time: Date }
  | { kind: "message"; key: string; message: Message; time: Date; isFirst: boolean; isLast: boolean };

/** Messages of one side within five minutes are read as one. */
const GROUP_MS = 5 * 60_000;

/**
 * A thread from oldest to newest with a separator where a day begins in the account's time zone. Of what happened beside
 * messages, what is older than the oldest message that was read is left for when that one's elders are.
 */
export function timelineOf(
  messages: Message[],
  style: TimeStyle,
  events: ConversationEvent[] = [],
  isWhole = true,
): TimelineItem[] {
  const items: TimelineItem[] = [];
  const oldest = messages[0] && !isWhole ? Date.parse(messages[0].sent_at) : Number.NEGATIVE_INFINITY;
  const rest = events
    .filter(event => Date.parse(event.at) >= oldest)
    .sort((one, next) => Date.parse(next.at) - Date.parse(one.at) || next.id - one.id);
  let day: string | undefined;
  const beginDay = (time: Date): boolean => {
    const isNew = day !== dayOf(time, style);
    day = dayOf(time, style);
    if (isNew) items.push({ kind: "day", key: `day-${day}`, time });
    return isNew;
  };
  const happenedBefore = (end: number): boolean => {
    const count = items.length;
    for (let event = rest.at(-1); event && Date.parse(event.at) < end; event = rest.at(-1)) {
      rest.pop();
      const time = new Date(event.at);
      beginDay(time);
      items.push({ kind: "event", key: `event-${event.id}`, event, time });
    }
    return items.length > count;
  };
  messages.forEach((message, index) => {
    const time = new Date(message.sent_at);
    const [before, after] = [messages[index - 1], messages[index + 1]];
    const isParted = happenedBefore(time.getTime());
    const isNewDay = beginDay(time);
    const happensNext = after && rest.some(({ at }) => Date.parse(at) < Date.parse(after.sent_at));
    items.push({
      kind: "message",
      key: `message-${message.id}`,
      message,
      time,
      isFirst: isNewDay || isParted || !before || !isOneGroup(before, message),
      isLast:
        !after || happensNext === true || !isOneGroup(message, after) || dayOf(new Date(after.sent_at), style) !== day,
    });
  });
  happenedBefore(Number.POSITIVE_INFINITY);
  return items;
}

function isOneGroup(one: Message, next: Message): boolean {
  return one.from_page === next.from_page && Date.parse(next.sent_at) - Date.parse(one.sent_at) < GROUP_MS;
}
