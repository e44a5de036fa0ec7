import { Button } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Connection } from "../api/types";
import { CardPadding } from "../parts/Card";
import { Empty } from "../parts/Empty";
import { useNow } from "../time/now";
import { byNeed } from "./freshness";
import { PageRow } from "./PageRow";
import { activeRunsQuery } from "./queries";
import styles from "./sync.module.css";

/** Before somebody asks for the rest. Those that need somebody stand first, so none of these is hidden. */
const SHOWN_AT_FIRST = 12;

interface PageListProps {
  connections: Connection[];
  /** Fetches more of them. */
  more: (() => void) | undefined;
}

/** How fresh each Page is. */
export function PageList({ connections, more }: PageListProps) {
  const { t } = useTranslation();
  const [showsAll, setShowsAll] = useState(false);
  const runs = useQuery(activeRunsQuery).data ?? [];
  const pages = byNeed(connections, useNow());
  const shown = showsAll ? pages : pages.slice(0, SHOWN_AT_FIRST);
  if (pages.length === 0) {
    return (
      <Empty icon={<IconPlugConnectedX />} title={t("sync.pagesEmpty")} why={t("sync.pagesEmptyWhy")}>
        <Button renderRoot={props => <Link {...props} to="/connections" />}>{t("sync.toConnections")}</Button>
      </Empty>
    );
  }
  return (
    <>
      <ul className={styles.list} data-testid="page-freshness">
        {shown.map(connection => (
          <PageRow
            key={connection.id}
            connection={connection}
            run={runs.find(({ id }) => id === connection.active_run?.id)}
          />
        ))}
      </ul>
      {shown.length < pages.length ? (
        <CardPadding>
          <Button variant="default" onClick={() => setShowsAll(true)}>
            {t("sync.showAllPages", { count: pages.length - shown.length })}
          </Button>
        </CardPadding>
      ) : (
        more && (
          <CardPadding>
            <Button variant="default" onClick={more}>
              {t("connections.more")}
            </Button>
          </CardPadding>
        )
      )}
    </>
  );
}
