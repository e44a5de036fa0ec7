import { useQuery } from "@tanstack/react-query";
import { Trans, useTranslation } from "react-i18next";

import type { Connection } from "../api/types";
import { Card, CardPadding } from "../parts/Card";
import { CopyIcon } from "../parts/CopyIcon";
import { Fact, Facts } from "../parts/Facts";
import { ProblemNotice } from "../parts/ProblemNotice";
import { TimeAgo, TimeUntil } from "../time/Time";
import { useNow } from "../time/now";
import { localeOf } from "../words/languages";
import { EditPage } from "./EditPage";
import { pageStatisticsQuery } from "./queries";

export function ConnectionFacts({ connection }: { connection: Connection }) {
  return (
    <>
      <Access connection={connection} />
      <Sync connection={connection} />
      <About connection={connection} />
    </>
  );
}

/** Both of Meta's clocks: the login itself, and how long it may read data. */
function Access({ connection }: { connection: Connection }) {
  const { t } = useTranslation();
  const { token } = connection;
  const isOver = connection.state === "disconnected";
  return (
    <Card title={t("connection.access")}>
      <Facts>
        <Fact name={t(isOver ? "connection.disconnectedSince" : "connection.connectedSince")}>
          <TimeAgo at={(isOver && connection.disconnected_at) || connection.connected_at} />
        </Fact>
        {!isOver && token && (
          <>
            <Fact name={t("connection.login")}>
              <Clock
                ends={token.expires_at}
                never={t(token.is_valid ? "connection.doesNotExpire" : "connection.notAccepted")}
                before="connection.expires"
                after="connection.expired"
              />
            </Fact>
            <Fact name={t("connection.dataAccess")}>
              <Clock
                ends={token.data_access_expires_at}
                never={t("connection.unknown")}
                before="connection.dataAccessEnds"
                after="connection.dataAccessEnded"
              />
            </Fact>
          </>
        )}
      </Facts>
    </Card>
  );
}

interface ClockProps {
  ends: string | null | undefined;
  never: string;
  before: "connection.expires" | "connection.dataAccessEnds";
  after: "connection.expired" | "connection.dataAccessEnded";
}

/** "in 9 days", never a date alone. */
function Clock({ ends, never, before, after }: ClockProps) {
  const { t } = useTranslation();
  const now = useNow();
  if (!ends) return never;
  return (
    <span>
      <Trans t={t} i18nKey={new Date(ends) > now ? before : after} components={{ when: <TimeUntil at={ends} /> }} />
    </span>
  );
}

function Sync({ connection }: { connection: Connection }) {
  const { t, i18n } = useTranslation();
  const statistics = useQuery(pageStatisticsQuery(connection.id));
  const number = new Intl.NumberFormat(localeOf(i18n.language));
  const shown = (count: number | undefined) => (count === undefined ? "…" : number.format(count));
  return (
    <Card title={t("connection.sync")}>
      {statistics.isError && !statistics.data && (
        <CardPadding>
          <ProblemNotice
            what={t("connection.statisticsFailed")}
            error={statistics.error}
            retry={() => void statistics.refetch()}
          />
        </CardPadding>
      )}
      <Facts>
        <Fact name={t("connection.lastSynced")}>
          {connection.last_synced_at ? <TimeAgo at={connection.last_synced_at} /> : t("connection.never")}
        </Fact>
        <Fact name={t("connection.lastWebhook")}>
          {connection.last_webhook_at ? <TimeAgo at={connection.last_webhook_at} /> : t("connection.never")}
        </Fact>
        <Fact name={t("connection.conversations")}>
          {shown(statistics.data?.total_conversations ?? connection.conversations)}
        </Fact>
        <Fact name={t("connection.contacts")}>{shown(statistics.data?.total_contacts)}</Fact>
        <Fact name={t("connection.messages")}>{shown(statistics.data?.total_messages)}</Fact>
        <Fact name={t("connection.syncsToday")}>{shown(statistics.data?.syncs_last_24h)}</Fact>
      </Facts>
    </Card>
  );
}

/** What Facebook says of the Page; only what it says. */
function About({ connection }: { connection: Connection }) {
  const { t, i18n } = useTranslation();
  const { category, about, phone, website, username, fan_count: followers } = connection;
  return (
    <Card title={t("connection.about")}>
      <Facts>
        {category && <Fact name={t("connection.category")}>{category}</Fact>}
        {about && <Fact name={t("connection.description")}>{about}</Fact>}
        {username && <Fact name={t("connection.username")}>{username}</Fact>}
        {phone && <Fact name={t("connection.phone")}>{phone}</Fact>}
        {website && <Fact name={t("connection.website")}>{website}</Fact>}
        {typeof followers === "number" && (
          <Fact name={t("connection.followers")}>
            {new Intl.NumberFormat(localeOf(i18n.language)).format(followers)}
          </Fact>
        )}
        <Fact name={t("connection.pageId")}>
          {connection.page_id}
          <CopyIcon value={connection.page_id} label={t("connection.copyId")} />
        </Fact>
      </Facts>
      {connection.state !== "disconnected" && connection.connection_type === "facebook" && (
        <CardPadding>
          <EditPage connection={connection} />
        </CardPadding>
      )}
    </Card>
  );
}
