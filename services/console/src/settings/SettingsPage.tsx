import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { Card, CardPadding } from "../parts/Card";
import { LoadingLines } from "../parts/Loading";
import { PlacePage } from "../parts/PlacePage";
import { ProblemNotice } from "../parts/ProblemNotice";
import { AccountForm } from "./AccountForm";
import { ApiKeys } from "./ApiKeys";
import { Appearance } from "./Appearance";
import { accountQuery } from "./queries";
import styles from "./settings.module.css";

/** How do we want it? */
export function SettingsPage() {
  const { t } = useTranslation();
  return (
    <PlacePage title={t("settings.title")}>
      <Card title={t("settings.account")} lead={t("settings.accountLead")}>
        <CardPadding>
          <div className={styles.account}>
            <Account />
          </div>
        </CardPadding>
      </Card>
      <Card title={t("settings.appearance")} lead={t("settings.appearanceLead")}>
        <CardPadding>
          <Appearance />
        </CardPadding>
      </Card>
      <ApiKeys />
    </PlacePage>
  );
}

function Account() {
  const { t } = useTranslation();
  const account = useQuery(accountQuery);
  if (account.data) return <AccountForm key={account.data.id} account={account.data} />;
  if (account.isError) {
    return <ProblemNotice what={t("settings.loadFailed")} error={account.error} retry={() => void account.refetch()} />;
  }
  return <LoadingLines count={5} />;
}
