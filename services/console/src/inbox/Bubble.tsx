import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Conversation, Reaction } from "../api/types";
import { contained, singleLine } from "../text/contained";
import { splitLinks } from "../text/links";
import { clockTime, fullTime } from "../time/format";
import { useTimeStyle } from "../time/time_style";
import { AttachmentChip } from "./AttachmentChip";
import { customerName } from "./customer_name";
import type { TimelineItem } from "./timeline";
import styles from "./thread.module.css";

/** Longer messages are folded: nobody writes so much without meaning to fill the screen. */
const FOLDED_LENGTH = 1_500;
const FOLDED_LINES = 24;

interface BubbleProps {
  item: Extract<TimelineItem, { kind: "message" }>;
  conversation: Conversation | undefined;
  /** How far the Page's messages came, under the last that came so far. */
  mark: "seen" | "delivered" | null;
}

/** One message. What the customer wrote stays text, in its own direction, inside its bubble. */
export function Bubble({ item, conversation, mark }: BubbleProps) {
  const { t } = useTranslation();
  const style = useTimeStyle();
  const { message, time, isFirst, isLast } = item;
  const who = message.from_page ? conversation?.connection.name : conversation && customerName(conversation.contact, t);
  const label = t(message.from_page ? "thread.fromPage" : "thread.fromCustomer", {
    name: contained(who ?? ""),
    page: contained(who ?? ""),
    time: clockTime(time, style),
  });
  const isGone = Boolean(message.deleted_at);
  const isEmpty = !isGone && !message.text && message.attachments.length === 0;
  return (
    <article
      className={styles.message}
      data-from={message.from_page ? "page" : "customer"}
      data-first={isFirst || undefined}
      aria-label={label}
    >
      {message.reply_to_mid && <p className={styles.replyTo}>{t("thread.replyTo")}</p>}
      {message.text && <MessageText text={message.text} />}
      {message.attachments.map((attachment, index) => (
        <AttachmentChip key={index} attachment={attachment} />
      ))}
      {isGone && <p className={styles.gone}>{t(message.from_page ? "thread.takenBackByPage" : "thread.takenBack")}</p>}
      {isEmpty && <p className={styles.noContent}>{t("thread.noContent")}</p>}
      {message.reactions.length > 0 && <Reactions reactions={message.reactions} />}
      {(isLast || mark || message.edited_at) && (
        <p className={styles.time}>
          <time dateTime={message.sent_at} title={fullTime(time, style)}>
            {clockTime(time, style)}
          </time>
          {message.edited_at && !isGone && (
            <span title={fullTime(new Date(message.edited_at), style)}>
              {" · "}
              {t("thread.edited")}
            </span>
          )}
          {mark && ` · ${t(`thread.marks.${mark}`)}`}
        </p>
      )}
    </article>
  );
}

/** Whose each is, is said to those who hover or listen. */
function Reactions({ reactions }: { reactions: Reaction[] }) {
  const { t } = useTranslation();
  return (
    <ul className={styles.reactions}>
      {reactions.map((reaction, index) => (
        <li key={index}>
          <span
            role="img"
            title={t(reaction.from_page ? "thread.reactionOfPage" : "thread.reaction")}
            aria-label={`${t(reaction.from_page ? "thread.reactionOfPage" : "thread.reaction")}: ${reactionOf(reaction)}`}
          >
            {reactionOf(reaction)}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Meta gives an emoji, or only its name. */
function reactionOf({ emoji, name }: Reaction): string {
  return singleLine(emoji ?? name ?? "").slice(0, LONGEST_REACTION) || "👍";
}

const LONGEST_REACTION = 24;

function MessageText({ text }: { text: string }) {
  const { t } = useTranslation();
  const [isWhole, setIsWhole] = useState(false);
  const folded = fold(text);
  const isFolded = folded !== text && !isWhole;
  return (
    <div className={`${styles.bubble} from-outside`}>
      <p dir="auto" className={styles.text}>
        {splitLinks(isFolded ? `${folded}…` : text).map((part, index) =>
          part.href ? (
            <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">
              {part.text}
            </a>
          ) : (
            part.text
          ),
        )}
      </p>
      {isFolded && (
        <button type="button" className={styles.unfold} onClick={() => setIsWhole(true)}>
          {t("thread.showAll")}
        </button>
      )}
    </div>
  );
}

function fold(text: string): string {
  const lines = text.split("\n").slice(0, FOLDED_LINES).join("\n");
  return [...lines.slice(0, FOLDED_LENGTH + 1)].slice(0, FOLDED_LENGTH).join("");
}
