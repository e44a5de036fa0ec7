import { useTranslation } from "react-i18next";

import type { Run } from "../api/types";
import { hasEnded } from "../connect/queries";
import { RemedyButton } from "../connections/RemedyButton";
import { Tag } from "../parts/Tag";
import { AgainRun } from "./AgainRun";
import { CancelRun } from "./CancelRun";
import { RunProgress, Work } from "./RunRow";
import { kindExplained, stateInWords, troubleOf } from "./run_words";
import styles from "./sync.module.css";

/** How the run stands: in a word, in a sentence, with what can be done. */
export function RunState({ run }: { run: Run }) {
  const { t } = useTranslation();
  const { words, tone } = stateInWords(run.state, t);
  const trouble = troubleOf(run, t);
  return (
    <section className={styles.state} data-act={tone === "act" || undefined} data-testid="run-state">
      <div className={styles.runTop}>
        <div className={styles.runTopHead}>
          <Tag tone={tone}>{words}</Tag>
          {!hasEnded(run) && (
            <span aria-live="polite">
              <Work run={run} />
            </span>
          )}
        </div>
        {run.state === "running" && <RunProgress run={run} />}
        <p className={styles.runSentence}>{kindExplained(run.kind, t)}</p>
        {trouble && <p className={styles.runSentence}>{trouble.sentence}</p>}
        {run.state === "parked" && <p className={styles.runSentence}>{t("run.parkedWhy")}</p>}
        {run.state === "failed" && run.connection && <p className={styles.runSentence}>{t("run.failedWhy")}</p>}
        <div className={styles.runActions}>
          {trouble && <RemedyButton remedy={trouble.remedy} returnTo={`/sync/runs/${run.id}`} isUrgent />}
          {run.state === "parked" && <AgainRun run={run} />}
          {!hasEnded(run) && <CancelRun run={run} />}
        </div>
      </div>
    </section>
  );
}
