import { Button } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Run } from "../api/types";
import { Card, CardPadding } from "../parts/Card";
import { Empty } from "../parts/Empty";
import { LoadingRows } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { activeRunsQuery, type RunFilter, runsQuery } from "./queries";
import { RunFilters } from "./RunFilters";
import { RunRow } from "./RunRow";
import styles from "./sync.module.css";

/** What is at work, then what was, back to the beginning. */
export function RunsCard({ filter }: { filter: RunFilter }) {
  const { t } = useTranslation();
  const active = (useQuery(activeRunsQuery).data ?? []).filter(run => fits(run, filter));
  const showsActive = filter.state === undefined;
  return (
    <Card title={t("sync.runs")} lead={t("sync.runsLead")}>
      <RunFilters filter={filter} />
      {showsActive && (
        <>
          <h3 className={styles.group}>{t("sync.active")}</h3>
          {active.length > 0 ? (
            <ul className={`${styles.list} ${styles.active}`} data-testid="active-runs">
              {active.map(run => (
                <li key={run.id}>
                  <RunRow run={run} />
                </li>
              ))}
            </ul>
          ) : (
            <p className={styles.noneActive}>{t("sync.nothingActive")}</p>
          )}
          <h3 className={styles.group}>{t("sync.recent")}</h3>
        </>
      )}
      <Runs filter={filter} without={showsActive ? active : []} />
    </Card>
  );
}

function fits(run: Run, { page, kind }: RunFilter): boolean {
  return (page === undefined || run.connection?.id === page) && (kind === undefined || run.kind === kind);
}

function Runs({ filter, without }: { filter: RunFilter; without: Run[] }) {
  const { t } = useTranslation();
  const runs = useInfiniteQuery(runsQuery(filter));
  if (runs.isPending) return <LoadingRows count={6} height={60} />;
  if (!runs.data) {
    return (
      <CardPadding>
        <ProblemNotice what={t("sync.runsFailed")} error={runs.error} retry={() => void runs.refetch()} />
      </CardPadding>
    );
  }
  const shownAbove = new Set(without.map(({ id }) => id));
  const rows = runs.data.pages.flatMap(page => page.data).filter(({ id }) => !shownAbove.has(id));
  if (rows.length === 0 && !runs.hasNextPage) return <NoRuns isFiltered={Object.values(filter).some(Boolean)} />;
  return (
    <>
      <ul className={styles.list} data-testid="runs">
        {rows.map(run => (
          <li key={run.id}>
            <RunRow run={run} />
          </li>
        ))}
      </ul>
      {runs.isFetchNextPageError && (
        <CardPadding>
          <ProblemNotice what={t("sync.olderFailed")} error={runs.error} />
        </CardPadding>
      )}
      {runs.hasNextPage && (
        <CardPadding>
          <Button variant="default" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            {t("sync.older")}
          </Button>
        </CardPadding>
      )}
    </>
  );
}

function NoRuns({ isFiltered }: { isFiltered: boolean }) {
  const { t } = useTranslation();
  if (!isFiltered) return <Empty icon={<IconHistory />} title={t("sync.runsEmpty")} why={t("sync.runsEmptyWhy")} />;
  return (
    <Empty icon={<IconHistory />} title={t("sync.runsEmptyFilter")} why={t("sync.runsEmptyFilterWhy")}>
      <Button variant="default" renderRoot={props => <Link {...props} to="/sync" resetScroll={false} />}>
        {t("sync.showAll")}
      </Button>
    </Empty>
  );
}
