import { Anchor, Progress } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Trans, useTranslation } from "react-i18next";

import type { Connection, Run } from "../api/types";
import { percentDone, workInWords } from "../connect/progress";
import { TimeLeft } from "../connect/TimeLeft";
import { remedyFor } from "../connections/reasons";
import { RemedyButton } from "../connections/RemedyButton";
import { whyInWords } from "../connections/sentences";
import { PagePicture } from "../parts/PagePicture";
import { Tag, type Tone } from "../parts/Tag";
import { contained } from "../text/contained";
import { TimeAgo } from "../time/Time";
import { useNow } from "../time/now";
import { localeOf } from "../words/languages";
import { agePercent, type Freshness, freshnessOf } from "./freshness";
import { SyncNow } from "./SyncNow";
import styles from "./sync.module.css";

const TONES: Record<Freshness, Tone> = {
  fresh: "good",
  syncing: "calm",
  behind: "look",
  never: "look",
  cut_off: "act",
};

interface PageRowProps {
  connection: Connection;
  /** Its sync that is under way, once it is known in full. */
  run: Run | undefined;
}

/** A Page: how fresh it is in a word, in a sentence and as a bar; what is done to it now; the button. */
export function PageRow({ connection, run }: PageRowProps) {
  const { t } = useTranslation();
  const freshness = freshnessOf(connection, useNow());
  return (
    <li className={styles.page} data-freshness={freshness}>
      <PagePicture id={connection.id} name={connection.name} url={connection.picture_url} size="md" />
      <div className={styles.pageText}>
        <div className={styles.pageHead}>
          <Link to="/connections/$id" params={{ id: connection.id }} className={`${styles.name} one-line`}>
            <bdi>{connection.name}</bdi>
          </Link>
          <Tag tone={TONES[freshness]}>{t(`sync.freshness.${freshness}`)}</Tag>
        </div>
        {freshness === "cut_off" ? (
          <p className={styles.pageWhat}>{whyInWords(connection, t)}</p>
        ) : connection.active_run ? (
          <AtWork connection={connection} active={connection.active_run} run={run} />
        ) : (
          <Heard connection={connection} />
        )}
        {freshness !== "cut_off" && !connection.active_run && <Age connection={connection} freshness={freshness} />}
      </div>
      <div className={styles.pageAction}>
        {freshness === "cut_off" ? (
          <RemedyButton remedy={remedyFor(connection)} returnTo="/sync" isUrgent />
        ) : (
          <SyncNow connection={connection} />
        )}
      </div>
    </li>
  );
}

/** "Synced 2 min ago · heard from Facebook 5 min ago". */
function Heard({ connection: { last_synced_at: synced, last_webhook_at: heard } }: { connection: Connection }) {
  const { t } = useTranslation();
  return (
    <p className={styles.pageWhat}>
      <span>
        {synced ? (
          <Trans t={t} i18nKey="sync.synced" components={{ when: <TimeAgo at={synced} /> }} />
        ) : (
          t("sync.neverSynced")
        )}
      </span>
      <span aria-hidden>{"·"}</span>
      <span>
        {heard ? (
          <Trans t={t} i18nKey="sync.heard" components={{ when: <TimeAgo at={heard} /> }} />
        ) : (
          t("sync.neverHeard")
        )}
      </span>
    </p>
  );
}

interface AtWorkProps {
  connection: Connection;
  active: NonNullable<Connection["active_run"]>;
  run: Run | undefined;
}

/** "Fetching conversations, 340 of about 500 · 20 conversations a second, about 2 minutes left." */
function AtWork({ connection, active, run }: AtWorkProps) {
  const { t, i18n } = useTranslation();
  const now = run ?? active;
  const percent = percentDone({ state: "running", ...now });
  return (
    <>
      <p className={styles.pageWhat}>
        <span>{workInWords(now, t, localeOf(i18n.language))}</span>
        {run && <TimeLeft runs={[run]} />}
        <Anchor
          renderRoot={props => <Link {...props} to="/sync/runs/$id" params={{ id: active.id }} />}
          aria-label={t("sync.followOf", { name: contained(connection.name) })}
          size="sm"
        >
          {t("sync.follow")}
        </Anchor>
      </p>
      <Progress
        value={percent ?? 100}
        className={percent === null ? styles.underWay : undefined}
        animated={percent === null}
        size={4}
        aria-label={t("sync.progressOf", { name: contained(connection.name) })}
      />
    </>
  );
}

/** The sentence says it too. */
function Age({ connection, freshness }: { connection: Connection; freshness: Freshness }) {
  const now = useNow();
  const percent = connection.last_synced_at ? agePercent(connection.last_synced_at, now) : 0;
  return (
    <div className={styles.age} data-freshness={freshness} aria-hidden>
      {connection.last_synced_at && <span className={styles.ageBar} style={{ "--age": `${percent}%` } as object} />}
    </div>
  );
}
