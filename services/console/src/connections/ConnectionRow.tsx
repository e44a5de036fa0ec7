import { IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Connection } from "../api/types";
import { PagePicture } from "../parts/PagePicture";
import { Tag } from "../parts/Tag";
import { contained } from "../text/contained";
import { TimeAgo } from "../time/Time";
import { localeOf } from "../words/languages";
import { remedyFor, STATE_TONES } from "./reasons";
import { RemedyButton } from "./RemedyButton";
import { whyInWords } from "./sentences";
import styles from "./connections.module.css";

/** A Page: its state in a word, why in a sentence, and the button for what to do. */
export function ConnectionRow({ connection }: { connection: Connection }) {
  const { t } = useTranslation();
  const isBroken = connection.state === "reauthorization_required";
  return (
    <li className={styles.row} data-state={connection.state}>
      <PagePicture id={connection.id} name={connection.name} url={connection.picture_url} size="md" />
      <div className={styles.rowText}>
        <div className={styles.rowHead}>
          <Link to="/connections/$id" params={{ id: connection.id }} className={`${styles.name} one-line`}>
            <bdi>{connection.name}</bdi>
          </Link>
          <Tag tone={STATE_TONES[connection.state]}>{t(`states.${connection.state}`)}</Tag>
        </div>
        <p className={styles.why}>{whyInWords(connection, t)}</p>
        <Figures connection={connection} />
      </div>
      <div className={styles.rowAction}>
        <RemedyButton
          remedy={remedyFor(connection)}
          returnTo="/connections"
          label={connection.state === "disconnected" ? t("actions.connectAgain") : undefined}
          isUrgent={isBroken}
        />
      </div>
      <Link
        to="/connections/$id"
        params={{ id: connection.id }}
        className={styles.details}
        aria-label={t("connections.details", { name: contained(connection.name) })}
      >
        <IconChevronRight size={20} aria-hidden />
      </Link>
    </li>
  );
}

function Figures({ connection }: { connection: Connection }) {
  const { t, i18n } = useTranslation();
  const formatted = new Intl.NumberFormat(localeOf(i18n.language)).format(connection.conversations);
  return (
    <p className={styles.figures}>
      {t("connections.conversations", { count: connection.conversations, formatted })}
      {" · "}
      {connection.last_synced_at ? (
        <>
          {t("connections.synced")} <TimeAgo at={connection.last_synced_at} />
        </>
      ) : (
        t("connections.neverSynced")
      )}
    </p>
  );
}
