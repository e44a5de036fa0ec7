import { IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { ConversationDetail } from "../api/types";
import { connectionQuery } from "../connections/queries";
import { contained } from "../text/contained";
import { pageInboxUrl } from "./page_inbox";
import styles from "./thread.module.css";

/** Says what cannot be done here, and where it can. */
export function AnswerElsewhere({ conversation }: { conversation: ConversationDetail }) {
  const { t } = useTranslation();
  const { connection, handled_by_app: otherApp } = conversation;
  const pageId = useQuery(connectionQuery(connection.id)).data?.page_id;
  return (
    <footer className={styles.answer}>
      {otherApp && <strong className={styles.answeredElsewhere}>{t("thread.otherApp")}</strong>}
      <span>{t("thread.answerHint")}</span>{" "}
      <a href={pageInboxUrl(pageId)} target="_blank" rel="noopener noreferrer" className={styles.answerLink}>
        {t("thread.answerLink", { page: contained(connection.name) })}
        <IconExternalLink size={16} aria-label={t("thread.newWindow")} className={styles.answerIcon} />
      </a>
    </footer>
  );
}
