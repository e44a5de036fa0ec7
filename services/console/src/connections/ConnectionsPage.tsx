import { Button, Tooltip } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { Card, CardPadding } from "../parts/Card";
import { Empty } from "../parts/Empty";
import { LoadingRows } from "../parts/Loading";
import { PlacePage } from "../parts/PlacePage";
import { ProblemNotice } from "../parts/ProblemNotice";
import { facebookLoginUrl } from "../session/facebook_login";
import { ConnectionRow } from "./ConnectionRow";
import { LookAgain } from "./LookAgain";
import { connectionsQuery, unconnectedQuery } from "./queries";
import { UnconnectedPages } from "./UnconnectedPages";
import styles from "./connections.module.css";

/** Is everything still connected? */
export function ConnectionsPage() {
  const { t } = useTranslation();
  return (
    <PlacePage title={t("connections.title")} lead={t("connections.lead")} actions={<Actions />}>
      <Card title={t("connections.list")}>
        <ConnectionList />
      </Card>
      <NotConnected />
    </PlacePage>
  );
}

function Actions() {
  const { t } = useTranslation();
  return (
    <>
      <LookAgain />
      <Tooltip label={t("connections.chooseHint")}>
        <Button component="a" href={facebookLoginUrl("/connections")}>
          {t("connections.choose")}
        </Button>
      </Tooltip>
    </>
  );
}

function ConnectionList() {
  const { t } = useTranslation();
  const connections = useInfiniteQuery(connectionsQuery);
  if (connections.isPending) return <LoadingRows count={3} height={84} />;
  if (!connections.data) {
    return (
      <CardPadding>
        <ProblemNotice
          what={t("connections.loadFailed")}
          error={connections.error}
          retry={() => void connections.refetch()}
        />
      </CardPadding>
    );
  }
  const rows = connections.data.pages.flatMap(page => page.data);
  if (rows.length === 0) {
    return (
      <Empty icon={<IconPlugConnectedX />} title={t("connections.empty")} why={t("connections.emptyWhy")}>
        <Button component="a" href={facebookLoginUrl("/connections")}>
          {t("connections.choose")}
        </Button>
      </Empty>
    );
  }
  return (
    <>
      <ul className={styles.list} data-testid="connections">
        {rows.map(connection => (
          <ConnectionRow key={connection.id} connection={connection} />
        ))}
      </ul>
      {connections.hasNextPage && (
        <CardPadding>
          <Button
            variant="default"
            loading={connections.isFetchingNextPage}
            onClick={() => void connections.fetchNextPage()}
          >
            {t("connections.more")}
          </Button>
        </CardPadding>
      )}
    </>
  );
}

function NotConnected() {
  const { t } = useTranslation();
  const pages = useQuery(unconnectedQuery);
  if (pages.isError && !pages.data) {
    return (
      <ProblemNotice
        what={t("connections.notConnectedFailed")}
        error={pages.error}
        retry={() => void pages.refetch()}
      />
    );
  }
  if (!pages.data || pages.data.length === 0) return null;
  return (
    <Card title={t("connections.notConnected")} lead={t("connections.notConnectedLead")}>
      <UnconnectedPages pages={pages.data} returnTo="/connections" />
    </Card>
  );
}
