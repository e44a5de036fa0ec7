import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import { Trans, useTranslation } from "react-i18next";

import type { ParkedEntry } from "../api/types";
import { TimeAgo } from "../time/Time";
import { ParkedContent } from "./ParkedContent";
import { namedInWords, queueInWords, reasonInWords, typeInWords } from "./parked_words";
import styles from "./parked.module.css";

interface ParkedRowProps {
  entry: ParkedEntry;
  isChosen: boolean;
  toggle: () => void;
  replay: () => void;
  drop: () => void;
}

/** What it was, of which Page, why it failed, how often and since when; what can be done. */
export function ParkedRow({ entry, isChosen, toggle, replay, drop }: ParkedRowProps) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const what = namedInWords(entry, t);
  return (
    <li className={styles.row}>
      <Checkbox
        checked={isChosen}
        onChange={toggle}
        aria-label={t("parked.select", { what })}
        className={styles.check ?? ""}
      />
      <div className={styles.text}>
        <div className={styles.head}>
          <span className={styles.type}>{typeInWords(entry.type, t)}</span>
          {entry.page && (
            <bdi className="one-line">{entry.page.name ?? entry.page.page_id ?? entry.page.connection_id}</bdi>
          )}
        </div>
        <p className={`${styles.reason} from-outside`}>
          <bdi>{reasonInWords(entry, t)}</bdi>
        </p>
        <p className={styles.facts}>
          {queueInWords(entry.queue, t)}
          {" · "}
          {t("parked.tried", { count: entry.attempts })}
          {entry.parked_at && (
            <>
              {" · "}
              <Trans t={t} i18nKey="parked.since" components={{ when: <TimeAgo at={entry.parked_at} /> }} />
            </>
          )}
        </p>
        <button type="button" className={styles.show} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {t(isOpen ? "parked.contentHide" : "parked.content")}
        </button>
      </div>
      <div className={styles.actions}>
        <Button size="xs" variant="default" onClick={replay} aria-label={t("parked.replayOne", { what })}>
          {t("parked.replay")}
        </Button>
        <Button
          size="xs"
          variant="default"
          className={styles.dropButton ?? ""}
          onClick={drop}
          aria-label={t("parked.dropOne", { what })}
        >
          {t("parked.drop")}
        </Button>
      </div>
      {isOpen && <ParkedContent entry={entry} />}
    </li>
  );
}
