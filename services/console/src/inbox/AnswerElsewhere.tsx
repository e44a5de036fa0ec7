import { IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { Conversation } from "../api/types";
import { connectionQuery } from "../connections/queries";
import { contained } from "../text/contained";
import { pageInboxUrl } from "./page_inbox";
import styles from "./thread.module.css";

/** Says what cannot be done here, and where it can. */
export function AnswerElsewhere({ connection }: { connection: Conversation["connection"] }) {
  const { t } = useTranslation();
  const pageId = useQuery(connectionQuery(connection.id)).data?.page_id;
  return (
    <footer className={styles.answer}>
      <span>{t("thread.answerHint")}</span>{" "}
      <a href={pageInboxUrl(pageId)} target="_blank" rel="noopener noreferrer" className={styles.answerLink}>
        {t("thread.answerLink", { page: contained(connection.name) })}
        <IconExternalLink size={16} aria-label={t("thread.newWindow")} className={styles.answerIcon} />
      </a>
    </footer>
  );
}
