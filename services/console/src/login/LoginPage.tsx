import { Alert, Button, Stack, Text, Title } from "@mantine/core";
import { IconBrandFacebookFilled } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { usePlaceTitle } from "../parts/PlacePage";
import { facebookLoginUrl } from "../session/facebook_login";
import { DemoPeople } from "./DemoPeople";
import { loginError } from "./login_error";
import styles from "./login.module.css";

const route = getRouteApi("/login");

/** How do I get in? One button; what went wrong the last time stands above it. */
export function LoginPage() {
  const { t } = useTranslation();
  const { error, return_to: returnTo, ended, left } = route.useSearch();
  usePlaceTitle(t("login.title"));
  return (
    <main className={styles.page}>
      <Stack className={styles.card} gap="lg">
        <div className={styles.brand}>
          <img src="/favicon.svg" alt="" width={40} height={40} />
          <Title order={1}>{t("app.name")}</Title>
        </div>
        {error ? (
          <Alert
            color="yellow"
            role="alert"
            classNames={{ root: styles.notice ?? "", message: styles.noticeText ?? "" }}
          >
            {t(`login.errors.${loginError(error)}`)}
          </Alert>
        ) : (
          <Text c="dimmed">{ended ? t("login.ended") : left ? t("login.loggedOut") : t("login.lead")}</Text>
        )}
        <Button
          component="a"
          href={facebookLoginUrl(returnTo ?? "/inbox")}
          size="lg"
          fullWidth
          className={styles.facebook ?? ""}
          leftSection={<IconBrandFacebookFilled size={22} aria-hidden />}
        >
          {t("login.facebook")}
        </Button>
        <Text size="xs" c="dimmed">
          {t("login.hint")}
        </Text>
        <DemoPeople />
      </Stack>
    </main>
  );
}
