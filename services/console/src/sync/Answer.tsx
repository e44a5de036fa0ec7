import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconPlugConnectedX, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Trans, useTranslation } from "react-i18next";

import type { Connection } from "../api/types";
import { parkedTotalQuery } from "../parked/queries";
import type { Tone } from "../parts/Tag";
import { mayManage, useSignedIn } from "../session/me";
import { TimeAgo } from "../time/Time";
import { useNow } from "../time/now";
import { upToDate, type UpToDate } from "./freshness";
import styles from "./sync.module.css";

const SHOWN: Record<UpToDate["is"], { tone: Tone; icon: typeof IconRefresh }> = {
  none: { tone: "calm", icon: IconPlugConnectedX },
  cut_off: { tone: "act", icon: IconAlertTriangle },
  behind: { tone: "look", icon: IconAlertTriangle },
  first_sync: { tone: "calm", icon: IconRefresh },
  fresh: { tone: "good", icon: IconCircleCheck },
};

/** Is everything up to date? In one sentence, and what waits for somebody. */
export function Answer({ connections }: { connections: Connection[] }) {
  const { t } = useTranslation();
  const answer = upToDate(connections, useNow());
  const { tone, icon: Icon } = SHOWN[answer.is];
  return (
    <>
      <div className={styles.answer} data-tone={tone} data-testid="up-to-date">
        <Icon size={32} aria-hidden className={styles.answerIcon} />
        <div>
          <div className={styles.answerWord}>{t(`sync.answers.${answer.is}`, { count: answer.count })}</div>
          <div className={styles.answerWhy}>
            {t(`sync.answerWhy.${answer.is}`)} <Details answer={answer} />
          </div>
        </div>
      </div>
      <Parked />
    </>
  );
}

function Details({ answer }: { answer: UpToDate }) {
  const { t } = useTranslation();
  if (answer.syncing > 0 && answer.is !== "first_sync") return t("sync.syncingNow", { count: answer.syncing });
  if (answer.is !== "fresh" || !answer.oldest) return null;
  return <Trans t={t} i18nKey="sync.longest" components={{ when: <TimeAgo at={answer.oldest} /> }} />;
}

function Parked() {
  const { t } = useTranslation();
  const count = useQuery({ ...parkedTotalQuery, enabled: mayManage(useSignedIn()) }).data ?? 0;
  if (count === 0) return null;
  return (
    <div className={styles.parked}>
      <span>{t("sync.parked", { count })}</span>
      <Button size="xs" variant="default" renderRoot={props => <Link {...props} to="/sync/parked" />}>
        {t("sync.parkedSee")}
      </Button>
    </div>
  );
}
