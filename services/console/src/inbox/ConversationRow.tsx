import { memo } from "react";
import { useTranslation } from "react-i18next";

import type { Conversation } from "../api/types";
import { ContactAvatar } from "../parts/ContactAvatar";
import { PagePicture } from "../parts/PagePicture";
import { singleLine } from "../text/contained";
import { TimeAgo } from "../time/Time";
import { customerName } from "./customer_name";
import styles from "./inbox.module.css";

interface ConversationRowProps {
  conversation: Conversation;
  isSelected: boolean;
  href: string;
  open: (id: number) => void;
  /** Reads the thread before it is opened. */
  prepare: (id: number) => void;
}

/**
 * A conversation in two lines: who and when; what and how much of it is unread. A plain link, since many come and go in
 * each frame of a scroll, and the router's own cost more than the rest of the row.
 */
export const ConversationRow = memo(function ConversationRow({
  conversation,
  isSelected,
  href,
  open,
  prepare,
}: ConversationRowProps) {
  const { t } = useTranslation();
  const { contact, connection } = conversation;
  return (
    <a
      href={href}
      onClick={event => {
        if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        open(conversation.id);
      }}
      onPointerEnter={() => prepare(conversation.id)}
      className={styles.row}
      data-conversation={conversation.id}
      data-unread={conversation.unread || undefined}
      aria-current={isSelected || undefined}
    >
      <ContactAvatar contact={contact} platform={conversation.platform} />
      <span className={styles.rowLines}>
        <span className={styles.rowLine}>
          <bdi className={`${styles.rowName} one-line`}>{customerName(contact, t)}</bdi>
          {conversation.last_message_at && <TimeAgo at={conversation.last_message_at} className={styles.rowTime} />}
        </span>
        <span className={styles.rowLine}>
          <span className={`${styles.rowSnippet} one-line`}>
            {conversation.last_message_from_page && <span>{t("inbox.you")} </span>}
            <bdi>{snippetOf(conversation) || t("inbox.attachmentOnly")}</bdi>
          </span>
          {conversation.unread && <Unread count={conversation.unread_count} />}
          <span title={t("inbox.writtenTo", { page: singleLine(connection.name) })} className={styles.rowPage}>
            <PagePicture id={connection.id} name={connection.name} url={connection.picture_url} size="xs" />
          </span>
        </span>
      </span>
    </a>
  );
});

function snippetOf({ snippet }: Conversation): string {
  return snippet ? singleLine(snippet.slice(0, 300)) : "";
}

/** 100 stands for more than 99. */
function Unread({ count }: { count: number }) {
  const { t } = useTranslation();
  const isMany = count > 99;
  return (
    <span className={styles.unread} title={isMany ? t("inbox.unreadManyLong") : t("inbox.unreadCount", { count })}>
      {isMany ? t("inbox.unreadMany") : count}
    </span>
  );
}
