import type { ConversationDetail, Message } from "../api/types";

export interface Marks {
  /** The newest message of the Page that the customer has seen. */
  seen: number | null;
  /** The newest that has arrived, where it is newer than the one that was seen. */
  delivered: number | null;
}

/** Under which messages it is said how far they came. */
export function marksOf(
  messages: Message[],
  { seen_up_to: seenUpTo, delivered_up_to: deliveredUpTo }: Pick<ConversationDetail, "seen_up_to" | "delivered_up_to">,
): Marks {
  const newestUntil = (end: string | null | undefined): Message | undefined =>
    end
      ? messages.findLast(
          message => message.from_page && !message.deleted_at && Date.parse(message.sent_at) <= Date.parse(end),
        )
      : undefined;
  const seen = newestUntil(seenUpTo);
  const delivered = newestUntil(deliveredUpTo);
  const isFurther = delivered && (!seen || Date.parse(delivered.sent_at) > Date.parse(seen.sent_at));
  return { seen: seen?.id ?? null, delivered: isFurther ? delivered.id : null };
}
