import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Run } from "../api/types";
import { LookAgain } from "../connections/LookAgain";
import { UnconnectedPages } from "../connections/UnconnectedPages";
import { Card } from "../parts/Card";
import { LoadingRows } from "../parts/Loading";
import { PlacePage } from "../parts/PlacePage";
import { ProblemNotice } from "../parts/ProblemNotice";
import { facebookLoginUrl, pathOfOurs } from "../session/facebook_login";
import { NoPages } from "./NoPages";
import { PageProgress } from "./PageProgress";
import { hasEnded, runQuery } from "./queries";
import { TimeLeft } from "./TimeLeft";
import styles from "./connect.module.css";

const route = getRouteApi("/signed-in/connect/$run");

/** What is happening with my Pages? */
export function ConnectPage() {
  const { t } = useTranslation();
  const { run: id } = route.useParams();
  const run = useQuery(runQuery(id));
  return (
    <PlacePage title={t(titleOf(run.data))} lead={<Lead run={run.data} />} actions={<Actions run={run.data} />}>
      {run.isError && !run.data ? (
        <ProblemNotice what={t("connect.loadFailed")} error={run.error} retry={() => void run.refetch()} />
      ) : run.data ? (
        <Progress run={run.data} />
      ) : (
        <LoadingRows count={3} height={76} />
      )}
    </PlacePage>
  );
}

function titleOf(run: Run | undefined) {
  if (!run || !hasEnded(run)) return "connect.title";
  if (run.children.length > 0) return "connect.titleDone";
  return run.state === "succeeded" ? "connect.titleNone" : "connect.failedTitle";
}

function Lead({ run }: { run: Run | undefined }) {
  const { t } = useTranslation();
  if (run && hasEnded(run)) {
    return run.children.length > 0 ? t("connect.leadDone", { count: run.children.length }) : null;
  }
  return (
    <>
      {t("connect.lead")} <TimeLeft runs={run?.children ?? []} />
    </>
  );
}

function Actions({ run }: { run: Run | undefined }) {
  const { t } = useTranslation();
  const { return_to: returnTo } = route.useSearch();
  const cameFrom = returnTo && pathOfOurs(returnTo) === returnTo ? returnTo : null;
  const isDone = run !== undefined && hasEnded(run);
  return (
    <>
      {cameFrom && !cameFrom.startsWith("/connect") && (
        <Button variant="default" component="a" href={cameFrom}>
          {t("connect.backToWork")}
        </Button>
      )}
      <Button
        variant={isDone ? "filled" : "light"}
        renderRoot={props => <Link {...props} to="/inbox/{-$conversation}" params={{ conversation: undefined }} />}
      >
        {t("connect.openInbox")}
      </Button>
    </>
  );
}

function Progress({ run }: { run: Run }) {
  const { t } = useTranslation();
  const nothingFound = hasEnded(run) && run.children.length === 0;
  const hasNoPages = nothingFound && run.state === "succeeded" && run.unconnected_pages.length === 0;
  return (
    <>
      {nothingFound && run.state !== "succeeded" && (
        <div className={styles.failed} role="alert">
          <p>{t("connect.failedWhy")}</p>
          <LookAgain label={t("connect.again")} />
        </div>
      )}
      {hasNoPages && <NoPages />}
      {!nothingFound && (
        <Card title={t("connect.pages")}>
          {run.children.length > 0 ? (
            <ul className={styles.pages} aria-live="polite" aria-relevant="additions">
              {run.children.map(child => (
                <PageProgress key={child.id} run={child} />
              ))}
            </ul>
          ) : (
            <p className={styles.looking}>{t("connect.looking")}</p>
          )}
        </Card>
      )}
      {run.unconnected_pages.length > 0 && (run.children.length > 0 || hasEnded(run)) && (
        <Card title={t("connect.notConnected")}>
          <UnconnectedPages pages={run.unconnected_pages} returnTo="/connections" />
        </Card>
      )}
      {hasEnded(run) && !hasNoPages && (
        <div>
          <Button variant="subtle" component="a" href={facebookLoginUrl("/connections")}>
            {t("connect.choosePages")}
          </Button>
        </div>
      )}
    </>
  );
}
