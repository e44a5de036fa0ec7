import { Anchor, Button } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Connection } from "../api/types";
import { LoadingLines } from "../parts/Loading";
import { PagePicture } from "../parts/PagePicture";
import { PlacePage } from "../parts/PlacePage";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Tag } from "../parts/Tag";
import { singleLine } from "../text/contained";
import { ConnectionFacts } from "./ConnectionFacts";
import { Disconnect } from "./Disconnect";
import { Incidents } from "./Incidents";
import { connectionQuery, incidentsQuery } from "./queries";
import { remedyFor, STATE_TONES } from "./reasons";
import { RemedyButton } from "./RemedyButton";
import { whyInWords } from "./sentences";
import styles from "./connections.module.css";

const route = getRouteApi("/signed-in/connections/$id");

/** Is this Page still connected, and if not, what is to be done? */
export function ConnectionPage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const connection = useQuery(connectionQuery(id));
  // Asked for beside it, so that nothing waits for two in a row.
  useQuery(incidentsQuery(id));
  const name = connection.data ? singleLine(connection.data.name) : t("connections.title");
  return (
    <PlacePage
      title={name}
      lead={<BackToAll />}
      actions={connection.data && <OpenInbox connection={connection.data} />}
    >
      {connection.data ? (
        <>
          <State connection={connection.data} />
          <ConnectionFacts connection={connection.data} />
          <Incidents connectionId={id} />
          {connection.data.state !== "disconnected" && <Disconnect connection={connection.data} />}
        </>
      ) : connection.isError ? (
        <ProblemNotice
          what={t("connection.loadFailed")}
          error={connection.error}
          retry={() => void connection.refetch()}
        />
      ) : (
        <LoadingLines count={6} />
      )}
    </PlacePage>
  );
}

function BackToAll() {
  const { t } = useTranslation();
  return (
    <Anchor renderRoot={props => <Link {...props} to="/connections" />} className={styles.back ?? ""}>
      <IconArrowLeft size={16} aria-hidden /> {t("connection.back")}
    </Anchor>
  );
}

function OpenInbox({ connection }: { connection: Connection }) {
  const { t } = useTranslation();
  return (
    <Button
      variant="default"
      renderRoot={props => (
        <Link
          {...props}
          to="/inbox/{-$conversation}"
          params={{ conversation: undefined }}
          search={{ connection: connection.id }}
        />
      )}
    >
      {t("connection.openInbox")}
    </Button>
  );
}

function State({ connection }: { connection: Connection }) {
  const { t } = useTranslation();
  const isBroken = connection.state === "reauthorization_required";
  return (
    <div className={styles.state} data-act={isBroken || undefined}>
      <PagePicture id={connection.id} name={connection.name} url={connection.picture_url} size="lg" />
      <div className={styles.rowText}>
        <Tag tone={STATE_TONES[connection.state]}>{t(`states.${connection.state}`)}</Tag>
        <p className={styles.stateWhy}>{whyInWords(connection, t)}</p>
      </div>
      <div className={styles.rowAction}>
        <RemedyButton
          remedy={remedyFor(connection)}
          returnTo={`/connections/${connection.id}`}
          label={connection.state === "disconnected" ? t("actions.connectAgain") : undefined}
          isUrgent={isBroken}
        />
      </div>
    </div>
  );
}
