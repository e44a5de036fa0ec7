import { Button } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { facebookLoginUrl } from "../session/facebook_login";
import { LookAgain } from "./LookAgain";
import type { Remedy } from "./reasons";

interface RemedyButtonProps {
  remedy: Remedy;
  returnTo: string;
  label?: string | undefined;
  isUrgent?: boolean;
}

/** The one thing to do, as a button. */
export function RemedyButton({ remedy, returnTo, label, isUrgent = false }: RemedyButtonProps) {
  const { t } = useTranslation();
  const variant = isUrgent ? "filled" : "default";
  switch (remedy) {
    case "none":
      return null;
    case "look_again":
      return <LookAgain variant={variant} label={t("actions.look")} />;
    case "open_facebook":
      return (
        <Button
          variant={variant}
          component="a"
          href="https://www.facebook.com/"
          target="_blank"
          rel="noopener noreferrer"
          rightSection={<IconExternalLink size={16} aria-label={t("thread.newWindow")} />}
        >
          {t("actions.openFacebook")}
        </Button>
      );
    case "grant":
    case "log_in":
      return (
        <Button variant={variant} component="a" href={facebookLoginUrl(returnTo)}>
          {label ?? t(remedy === "grant" ? "actions.grant" : "actions.logIn")}
        </Button>
      );
  }
}
