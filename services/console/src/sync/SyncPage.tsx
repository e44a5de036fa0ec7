import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { connectionsQuery } from "../connections/queries";
import { Card } from "../parts/Card";
import { LoadingRows } from "../parts/Loading";
import { PlacePage } from "../parts/PlacePage";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Answer } from "./Answer";
import { rangeOf } from "./buckets";
import { Figures } from "./Figures";
import { PageList } from "./PageList";
import { RunsCard } from "./RunsCard";

const route = getRouteApi("/signed-in/sync");

/** Is everything up to date? */
export function SyncPage() {
  const { t } = useTranslation();
  const { range, page, kind, state } = route.useSearch();
  const pages = useInfiniteQuery(connectionsQuery);
  const connections = pages.data?.pages.flatMap(list => list.data);
  return (
    <PlacePage title={t("sync.title")} lead={t("sync.lead")}>
      {connections ? (
        <>
          <Answer connections={connections} />
          <Card title={t("sync.pages")}>
            <PageList
              connections={connections}
              more={pages.hasNextPage ? () => void pages.fetchNextPage() : undefined}
            />
          </Card>
          <Figures range={rangeOf(range)} />
          <RunsCard filter={{ page, kind, state }} />
        </>
      ) : pages.isError ? (
        <ProblemNotice what={t("sync.pagesFailed")} error={pages.error} retry={() => void pages.refetch()} />
      ) : (
        <LoadingRows count={5} height={72} />
      )}
    </PlacePage>
  );
}
