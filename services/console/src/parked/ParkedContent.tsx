import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { ParkedEntry } from "../api/types";
import { CopyIcon } from "../parts/CopyIcon";
import { Fact, Facts } from "../parts/Facts";
import { LoadingLines } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { withoutTurns } from "../text/contained";
import { fileSize } from "../text/file_size";
import { TimeAgo } from "../time/Time";
import { localeOf } from "../words/languages";
import { reasonInWords } from "./parked_words";
import { parkedContentQuery } from "./queries";
import styles from "./parked.module.css";

/** What is in it, as it came: read only when somebody asks. */
export function ParkedContent({ entry }: { entry: ParkedEntry }) {
  const { t, i18n } = useTranslation();
  const runId = entry.run_id;
  return (
    <div className={styles.content}>
      <Facts>
        <Fact name={t("parked.reason")}>
          <bdi>{reasonInWords(entry, t)}</bdi>
        </Fact>
        {entry.first_failed_at && (
          <Fact name={t("parked.firstFailed")}>
            <TimeAgo at={entry.first_failed_at} />
          </Fact>
        )}
        {typeof runId === "number" && (
          <Fact name={t("parked.run")}>
            <Anchor renderRoot={props => <Link {...props} to="/sync/runs/$id" params={{ id: runId }} />}>
              {t("parked.openRun")}
            </Anchor>
          </Fact>
        )}
        <Fact name={t("parked.size")}>{fileSize(entry.size, localeOf(i18n.language))}</Fact>
        <Fact name={t("parked.id")}>
          {entry.id}
          <CopyIcon value={entry.id} label={t("contact.copyId")} />
        </Fact>
      </Facts>
      <Text id={entry.id} />
    </div>
  );
}

function Text({ id }: { id: string }) {
  const { t } = useTranslation();
  const read = useQuery(parkedContentQuery(id));
  if (read.isError) {
    return <ProblemNotice what={t("parked.contentFailed")} error={read.error} retry={() => void read.refetch()} />;
  }
  if (!read.data) return <LoadingLines count={3} />;
  const { content, content_withheld: isWithheld } = read.data;
  return (
    <>
      {isWithheld && <p className={styles.withheld}>{t("parked.contentWithheld")}</p>}
      {content === null || content === undefined ? (
        <p className={styles.withheld}>{t("parked.contentNone")}</p>
      ) : (
        <pre className={styles.json} tabIndex={0}>
          {withoutTurns(JSON.stringify(content, null, 2))}
        </pre>
      )}
    </>
  );
}
