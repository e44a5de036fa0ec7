import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { runQuery } from "../connect/queries";
import { troubleOf } from "./run_words";
import styles from "./sync.module.css";

/** What was asked for here a moment ago and did not work: a run that is over at once is never seen at work. */
export function StartedRun({ id }: { id: number }) {
  const { t } = useTranslation();
  const run = useQuery(runQuery(id)).data;
  if (run?.state !== "failed" && run?.state !== "parked") return null;
  return (
    <p role="alert" className={styles.startFailed}>
      {t("sync.runFailed")} {troubleOf(run, t)?.sentence}{" "}
      <Anchor renderRoot={props => <Link {...props} to="/sync/runs/$id" params={{ id }} />} size="xs">
        {t("sync.runFailedSee")}
      </Anchor>
    </p>
  );
}
