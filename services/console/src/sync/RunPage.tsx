import { Anchor } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Run } from "../api/types";
import { hasEnded, runQuery } from "../connect/queries";
import { UnconnectedPages } from "../connections/UnconnectedPages";
import { Card } from "../parts/Card";
import { LoadingLines } from "../parts/Loading";
import { PlacePage } from "../parts/PlacePage";
import { ProblemNotice } from "../parts/ProblemNotice";
import { singleLine } from "../text/contained";
import { useFollowedRun } from "./follow_run";
import { RunFacts } from "./RunFacts";
import { RunRow } from "./RunRow";
import { RunState } from "./RunState";
import { kindInWords } from "./run_words";
import styles from "./sync.module.css";

const route = getRouteApi("/signed-in/sync/runs/$id");

/** What is this run doing, and what came of it? */
export function RunPage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const run = useQuery(runQuery(id));
  useFollowedRun(id, run.isError || (run.data !== undefined && hasEnded(run.data)));
  return (
    <PlacePage title={run.data ? titleOf(run.data, kindInWords(run.data.kind, t)) : t("sync.title")} lead={<Back />}>
      {run.data ? (
        <>
          <RunState run={run.data} />
          <RunFacts run={run.data} />
          <Below run={run.data} />
        </>
      ) : run.isError ? (
        <ProblemNotice what={t("run.loadFailed")} error={run.error} retry={() => void run.refetch()} />
      ) : (
        <LoadingLines count={8} />
      )}
    </PlacePage>
  );
}

function titleOf({ connection }: Run, kind: string): string {
  return connection ? `${kind} · ${singleLine(connection.name)}` : kind;
}

function Back() {
  const { t } = useTranslation();
  return (
    <Anchor renderRoot={props => <Link {...props} to="/sync" />} className={styles.back ?? ""}>
      <IconArrowLeft size={16} aria-hidden /> {t("run.back")}
    </Anchor>
  );
}

/** A connect run has one below it for each Page. */
function Below({ run }: { run: Run }) {
  const { t } = useTranslation();
  return (
    <>
      {run.children.length > 0 && (
        <Card title={t("run.children")}>
          <ul className={styles.list}>
            {run.children.map(child => (
              <li key={child.id}>
                <RunRow run={child} />
              </li>
            ))}
          </ul>
        </Card>
      )}
      {run.unconnected_pages.length > 0 && (
        <Card title={t("connect.notConnected")}>
          <UnconnectedPages pages={run.unconnected_pages} returnTo={`/sync/runs/${run.id}`} />
        </Card>
      )}
    </>
  );
}
