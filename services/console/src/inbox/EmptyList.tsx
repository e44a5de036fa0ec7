import { Button } from "@mantine/core";
import { IconInbox, IconMoodSmile, IconPlugConnected } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { connectionsQuery } from "../connections/queries";
import { Empty } from "../parts/Empty";
import type { Filter } from "./conversations";

/** Why there is nothing in the list, and what to do. */
export function EmptyList({ filter }: { filter: Filter }) {
  const { t } = useTranslation();
  const connections = useInfiniteQuery(connectionsQuery).data;
  const showAll = (
    <Button
      variant="default"
      renderRoot={props => (
        <Link {...props} to="/inbox/{-$conversation}" params={{ conversation: undefined }} search={{}} />
      )}
    >
      {t("inbox.showAll")}
    </Button>
  );
  if (filter.unread) {
    return (
      <Empty icon={<IconMoodSmile />} title={t("inbox.emptyUnread")} why={t("inbox.emptyUnreadWhy")}>
        {showAll}
      </Empty>
    );
  }
  if (filter.connection !== undefined) {
    return (
      <Empty icon={<IconInbox />} title={t("inbox.emptyFilter")} why={t("inbox.emptyFilterWhy")}>
        {showAll}
      </Empty>
    );
  }
  const hasConnections = connections?.pages.some(page => page.data.length > 0) ?? true;
  return hasConnections ? (
    <Empty icon={<IconInbox />} title={t("inbox.empty")} why={t("inbox.emptyWhy")} />
  ) : (
    <Empty icon={<IconPlugConnected />} title={t("inbox.empty")} why={t("inbox.emptyConnect")}>
      <Button renderRoot={props => <Link {...props} to="/connections" />}>{t("inbox.toConnections")}</Button>
    </Empty>
  );
}
