import { Progress } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Trans, useTranslation } from "react-i18next";

import type { Run } from "../api/types";
import { percentDone, workInWords } from "../connect/progress";
import { hasEnded } from "../connect/queries";
import { TimeLeft } from "../connect/TimeLeft";
import { PagePicture } from "../parts/PagePicture";
import { Tag } from "../parts/Tag";
import { durationInWords } from "../time/duration";
import { TimeAgo, TimeUntil } from "../time/Time";
import { useNow } from "../time/now";
import { localeOf } from "../words/languages";
import { durationOf, kindInWords, rowsInWords, stateInWords, troubleOf } from "./run_words";
import styles from "./sync.module.css";

/** One run in two lines: what it is, of which Page, how it stands; what came of it, and when. */
export function RunRow({ run }: { run: Run }) {
  const { t } = useTranslation();
  const { words, tone } = stateInWords(run.state, t);
  return (
    <Link to="/sync/runs/$id" params={{ id: run.id }} className={styles.run}>
      <span className={styles.runHead}>
        <span className={`${styles.runKind} one-line`}>{kindInWords(run.kind, t)}</span>
        {run.connection && (
          <>
            <PagePicture id={run.connection.id} name={run.connection.name} url={run.connection.picture_url} size="xs" />
            <bdi className={`${styles.runPage} one-line`}>{run.connection.name}</bdi>
          </>
        )}
      </span>
      <span className={styles.runState}>
        <Tag tone={tone}>{words}</Tag>
      </span>
      <span className={styles.runWhat}>{hasEnded(run) ? <Outcome run={run} /> : <Work run={run} />}</span>
      <span className={styles.runWhen}>
        <TimeAgo at={run.ended_at ?? run.started_at ?? run.created_at} />
      </span>
      {run.state === "running" && <RunProgress run={run} />}
    </Link>
  );
}

/** "25 new, 3 changed · 12 calls · took 4.1 sec". */
function Outcome({ run }: { run: Run }) {
  const { t, i18n } = useTranslation();
  const locale = localeOf(i18n.language);
  const trouble = run.state === "succeeded" ? null : troubleOf(run, t);
  const duration = durationOf(run, useNow());
  const facts = [
    trouble?.sentence ?? rowsInWords(run, t, locale),
    run.calls > 0 && t("sync.calls", { count: run.calls, formatted: new Intl.NumberFormat(locale).format(run.calls) }),
    duration !== null && t("sync.took", { duration: durationInWords(duration, locale) }),
  ];
  return facts.filter(Boolean).join(" · ");
}

/** What it does now, how quickly and how long still; or when it is tried again. */
export function Work({ run }: { run: Run }) {
  const { t, i18n } = useTranslation();
  if (run.state === "queued" && run.due_at) {
    const when = <TimeUntil at={run.due_at} />;
    return run.attempts > 0 ? (
      <Trans t={t} i18nKey="sync.triesAgain" count={run.attempts} components={{ when }} />
    ) : (
      <Trans t={t} i18nKey="sync.starts" components={{ when }} />
    );
  }
  if (run.cancel_requested) return t("sync.ending");
  return (
    <>
      {workInWords(run, t, localeOf(i18n.language))} {run.state === "running" && <TimeLeft runs={[run]} />}
    </>
  );
}

export function RunProgress({ run }: { run: Run }) {
  const { t } = useTranslation();
  const percent = percentDone(run);
  return (
    <Progress
      value={percent ?? 100}
      animated={percent === null}
      className={`${styles.runProgress} ${percent === null ? styles.underWay : ""}`}
      size={4}
      aria-label={t("sync.progressOf", { name: kindInWords(run.kind, t) })}
    />
  );
}
