import { Button } from "@mantine/core";
import { IconMapOff, IconMoodSad } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { Empty } from "../parts/Empty";

/** An address that leads nowhere. */
export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <main>
      <Empty icon={<IconMapOff />} title={t("failed.notFound")} why={t("failed.notFoundWhy")}>
        <Button
          renderRoot={props => <Link {...props} to="/inbox/{-$conversation}" params={{ conversation: undefined }} />}
        >
          {t("places.inbox")}
        </Button>
      </Empty>
    </main>
  );
}

/** A fault of ours. The address stays, so that reloading leads back to the same. */
export function CrashedPage() {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <Empty icon={<IconMoodSad />} title={t("failed.crashed")} why={t("failed.crashedWhy")}>
        <Button onClick={() => location.reload()}>{t("failed.reload")}</Button>
      </Empty>
    </div>
  );
}
