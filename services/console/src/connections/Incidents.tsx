import { useQuery } from "@tanstack/react-query";
import { Trans, useTranslation } from "react-i18next";

import type { Incident } from "../api/types";
import { Card, CardPadding } from "../parts/Card";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Tag } from "../parts/Tag";
import { TimeAgo } from "../time/Time";
import { localeOf } from "../words/languages";
import { incidentsQuery } from "./queries";
import styles from "./connections.module.css";

/** When the Page was not heard although something happened there, and what was done about it. Most have none. */
export function Incidents({ connectionId }: { connectionId: number }) {
  const { t } = useTranslation();
  const incidents = useQuery(incidentsQuery(connectionId));
  if (incidents.isError && !incidents.data) {
    return (
      <ProblemNotice what={t("incidents.loadFailed")} error={incidents.error} retry={() => void incidents.refetch()} />
    );
  }
  if (!incidents.data) return null;
  return (
    <Card title={t("incidents.title")} lead={t("incidents.lead")}>
      {incidents.data.length === 0 ? (
        <CardPadding>{t("incidents.none")}</CardPadding>
      ) : (
        <ul className={styles.list} data-testid="incidents">
          {incidents.data.map(incident => (
            <Row key={incident.id} incident={incident} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Row({ incident }: { incident: Incident }) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(localeOf(i18n.language));
  const isHealed = incident.subscribed_again || incident.kind === "silent";
  return (
    <li className={styles.incident}>
      <div className={styles.incidentHead}>
        <span>
          <Trans t={t} i18nKey="incidents.found" components={{ when: <TimeAgo at={incident.found_at} /> }} />
        </span>
        <Tag tone={isHealed ? "calm" : "look"}>
          {t(
            incident.subscribed_again
              ? "incidents.subscribedAgain"
              : isHealed
                ? "incidents.fetched"
                : "incidents.notSubscribed",
          )}
        </Tag>
      </div>
      <p className={styles.why}>{t(`incidents.kinds.${incident.kind}`)}</p>
      <p className={styles.figures}>
        {incident.heard_at ? (
          <Trans t={t} i18nKey="incidents.heard" components={{ when: <TimeAgo at={incident.heard_at} /> }} />
        ) : (
          t("incidents.neverHeard")
        )}{" "}
        {t("incidents.missed", {
          count: incident.messages,
          messages: number.format(incident.messages),
          conversations: number.format(incident.conversations),
        })}
      </p>
    </li>
  );
}
