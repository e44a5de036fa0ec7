import { Button } from "@mantine/core";
import { IconFlagOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { Empty } from "../parts/Empty";
import { facebookLoginUrl } from "../session/facebook_login";

export function NoPages() {
  const { t } = useTranslation();
  return (
    <Empty icon={<IconFlagOff />} title={t("connect.none")} why={t("connect.noneWhy")}>
      <Button component="a" href={facebookLoginUrl("/connections")}>
        {t("connect.choosePages")}
      </Button>
    </Empty>
  );
}
