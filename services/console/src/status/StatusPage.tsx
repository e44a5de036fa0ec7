import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Trans, useTranslation } from "react-i18next";

import type { CheckStatus, SystemHealth } from "../api/types";
import { Card } from "../parts/Card";
import { LoadingRows } from "../parts/Loading";
import { PlacePage } from "../parts/PlacePage";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Tag, type Tone } from "../parts/Tag";
import { TimeAgo } from "../time/Time";
import { localeOf } from "../words/languages";
import { checksInWords, type CheckInWords } from "./checks";
import { healthQuery } from "./queries";
import styles from "./status.module.css";

const REFRESH_MS = 15_000;

/** Is the system well? */
export function StatusPage() {
  const { t } = useTranslation();
  const health = useQuery({ ...healthQuery, refetchInterval: REFRESH_MS });
  return (
    <PlacePage title={t("status.title")} lead={t("status.whole")}>
      {health.data ? (
        <Checks health={health.data} />
      ) : health.isError ? (
        <ProblemNotice what={t("status.loadFailed")} error={health.error} retry={() => void health.refetch()} />
      ) : (
        <LoadingRows count={6} height={64} />
      )}
    </PlacePage>
  );
}

function Checks({ health }: { health: SystemHealth }) {
  const { t, i18n } = useTranslation();
  return (
    <>
      <div className={styles.summary} data-status={health.status}>
        <SummaryIcon status={health.status} />
        <div>
          <div className={styles.summaryWord}>{t(`status.${health.status}`)}</div>
          <div className={styles.checked}>
            <Trans t={t} i18nKey="status.checked" components={{ when: <TimeAgo at={health.time} /> }} />
            {" · "}
            {t("status.version", { version: health.version })}
          </div>
        </div>
      </div>
      <Card title={t("status.checks")}>
        <ul className={styles.checks}>
          {checksInWords(health, t, localeOf(i18n.language)).map(check => (
            <Check key={check.name} check={check} />
          ))}
        </ul>
      </Card>
    </>
  );
}

function SummaryIcon({ status }: { status: SystemHealth["status"] }) {
  const Icon = { healthy: IconCircleCheck, degraded: IconAlertTriangle, unhealthy: IconCircleX }[status];
  return <Icon size={32} aria-hidden className={styles.summaryIcon} />;
}

const TONES: Record<CheckStatus, Tone> = { ok: "good", warning: "look", error: "act" };

function Check({ check }: { check: CheckInWords }) {
  const { t } = useTranslation();
  return (
    <li className={styles.check} data-testid={`check-${check.name}`}>
      <div className={styles.checkName}>{t(`status.${check.name}`)}</div>
      <div className={styles.checkText}>
        {check.sentence}
        {check.oldest && (
          <div className={styles.oldest}>
            <Trans t={t} i18nKey="status.syncOldest" components={{ when: <TimeAgo at={check.oldest} /> }} />
          </div>
        )}
      </div>
      <Tag tone={TONES[check.status]}>{t(`status.states.${check.status}`)}</Tag>
    </li>
  );
}
