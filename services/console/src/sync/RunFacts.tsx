import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Run } from "../api/types";
import { hasEnded } from "../connect/queries";
import { Card } from "../parts/Card";
import { Fact, Facts } from "../parts/Facts";
import { fileSize } from "../text/file_size";
import { durationInWords } from "../time/duration";
import { TimeAgo } from "../time/Time";
import { localeOf } from "../words/languages";
import { durationOf } from "./run_words";

/** What the run did, and what it took. */
export function RunFacts({ run }: { run: Run }) {
  return (
    <>
      <Done run={run} />
      <Times run={run} />
    </>
  );
}

function Done({ run }: { run: Run }) {
  const { t, i18n } = useTranslation();
  const locale = localeOf(i18n.language);
  const number = new Intl.NumberFormat(locale);
  return (
    <Card title={t("run.what")}>
      <Facts>
        {run.conversation_id && (
          <Fact name={t("run.conversation")}>
            <Anchor
              renderRoot={props => (
                <Link
                  {...props}
                  to="/inbox/{-$conversation}"
                  params={{ conversation: run.conversation_id ?? undefined }}
                />
              )}
            >
              {t("run.openConversation")}
            </Anchor>
          </Fact>
        )}
        <Fact name={t("run.conversations")}>
          {run.conversations === 0
            ? number.format(0)
            : t("run.conversationsOf", {
                done: number.format(run.conversations),
                changed: number.format(run.conversations_changed),
              })}
        </Fact>
        <Fact name={t("run.messages")}>{number.format(run.messages)}</Fact>
        <Fact name={t("run.contacts")}>{number.format(run.contacts)}</Fact>
        <Fact name={t("run.rowsNew")}>{number.format(run.rows.new)}</Fact>
        <Fact name={t("run.rowsChanged")}>{number.format(run.rows.changed)}</Fact>
        <Fact name={t("run.rowsSame")}>{number.format(run.rows.same)}</Fact>
        <Fact name={t("run.calls")}>{number.format(run.calls)}</Fact>
        <Fact name={t("run.errors")}>{number.format(run.errors)}</Fact>
        <Fact name={t("run.throttled")}>
          {run.throttled_ms > 0 ? durationInWords(run.throttled_ms, locale) : t("run.notThrottled")}
        </Fact>
        <Fact name={t("run.bytes")}>{fileSize(run.bytes, locale)}</Fact>
      </Facts>
    </Card>
  );
}

function Times({ run }: { run: Run }) {
  const { t, i18n } = useTranslation();
  const duration = durationOf(run, useSeconds(!hasEnded(run)));
  return (
    <Card title={t("run.time")}>
      <Facts>
        <Fact name={t("run.asked")}>
          <TimeAgo at={run.created_at} />
        </Fact>
        <Fact name={t("run.startedAt")}>{run.started_at ? <TimeAgo at={run.started_at} /> : t("run.notStarted")}</Fact>
        {run.ended_at && (
          <Fact name={t("run.ended")}>
            <TimeAgo at={run.ended_at} />
          </Fact>
        )}
        {duration !== null && (
          <Fact name={t(hasEnded(run) ? "run.duration" : "run.durationSoFar")}>
            {durationInWords(duration, localeOf(i18n.language))}
          </Fact>
        )}
        {run.attempts > 0 && <Fact name={t("run.attempts")}>{run.attempts}</Fact>}
      </Facts>
    </Card>
  );
}

/** The time, while it is needed to the second. */
function useSeconds(isNeeded: boolean): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    if (!isNeeded) return;
    const timer = setInterval(() => setNow(new Date()), 1_000);
    return () => clearInterval(timer);
  }, [isNeeded]);
  return now;
}
