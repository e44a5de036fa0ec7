import { Button, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { known, SCOPES } from "../api/known";
import type { ApiKey } from "../api/types";
import { Card, CardPadding } from "../parts/Card";
import { Empty } from "../parts/Empty";
import { LoadingRows } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { mayManage, useSignedIn } from "../session/me";
import { TimeAgo, TimeUntil } from "../time/Time";
import { useNow } from "../time/now";
import { MakeApiKey } from "./MakeApiKey";
import { apiKeysQuery } from "./queries";
import { RevokeApiKey } from "./RevokeApiKey";
import styles from "./settings.module.css";

/** Keys for programs: make, see, revoke. */
export function ApiKeys() {
  const { t } = useTranslation();
  const isAllowed = mayManage(useSignedIn());
  const [isMaking, setIsMaking] = useState(false);
  return (
    <Card title={t("keys.title")} lead={t("keys.lead")}>
      {isAllowed ? (
        <>
          <KeyList />
          <div className={styles.keysFoot}>
            <Button variant="default" onClick={() => setIsMaking(true)}>
              {t("keys.make")}
            </Button>
          </div>
          <MakeApiKey opened={isMaking} close={() => setIsMaking(false)} />
        </>
      ) : (
        <CardPadding>
          <Text c="dimmed">{t("keys.notAllowed")}</Text>
        </CardPadding>
      )}
    </Card>
  );
}

function KeyList() {
  const { t } = useTranslation();
  const keys = useQuery(apiKeysQuery);
  if (keys.isPending) return <LoadingRows count={2} height={72} />;
  if (!keys.data) {
    return (
      <CardPadding>
        <ProblemNotice what={t("keys.loadFailed")} error={keys.error} retry={() => void keys.refetch()} />
      </CardPadding>
    );
  }
  if (keys.data.length === 0) return <Empty icon={<IconKey />} title={t("keys.empty")} why={t("keys.emptyWhy")} />;
  return (
    <ul className={styles.keys} aria-label={t("keys.list")} data-testid="api-keys">
      {keys.data.map(key => (
        <KeyRow key={key.id} apiKey={key} />
      ))}
    </ul>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useTranslation();
  return (
    <li className={styles.key}>
      <div className={styles.keyText}>
        <div className={styles.keyHead}>
          <bdi className={`${styles.keyName} one-line`}>{apiKey.name}</bdi>
          <code className={styles.keyPrefix}>{apiKey.prefix}…</code>
        </div>
        <p className={styles.keyScopes}>{apiKey.scopes.map(scope => scopeInWords(scope, t)).join(" · ")}</p>
        <p className={styles.keyTimes}>
          {t("keys.created")} <TimeAgo at={apiKey.created_at} />
          {" · "}
          {apiKey.last_used_at ? (
            <>
              {t("keys.lastUsed")} <TimeAgo at={apiKey.last_used_at} />
            </>
          ) : (
            t("keys.neverUsed")
          )}
          {" · "}
          <Expiry at={apiKey.expires_at} />
        </p>
      </div>
      <RevokeApiKey apiKey={apiKey} />
    </li>
  );
}

function scopeInWords(scope: string, t: TFunction): string {
  const name = known(SCOPES, scope);
  return name ? t(`keys.scope.${name}`) : scope;
}

function Expiry({ at }: { at: string | null | undefined }) {
  const { t } = useTranslation();
  const now = useNow();
  if (!at) return t("keys.neverExpires");
  return (
    <>
      {t(new Date(at) > now ? "keys.expiresAt" : "keys.expired")} <TimeUntil at={at} />
    </>
  );
}
