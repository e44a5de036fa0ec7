import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { brokenConnectionsQuery } from "../connections/queries";
import { contained } from "../text/contained";
import styles from "./shell.module.css";

/** Across the top, only for what a person must do, with the button that does it. */
export function Banner() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const broken = useQuery(brokenConnectionsQuery).data ?? [];
  const [first] = broken;
  if (!first || pathname.startsWith("/connections")) return null;
  return (
    <div className={styles.banner} role="status">
      <IconAlertTriangle size={20} aria-hidden className={styles.bannerIcon} />
      <span className={styles.bannerText}>
        {t("banner.reauthorization", { count: broken.length, name: contained(first.name) })}
      </span>
      <Button
        size="xs"
        variant="default"
        renderRoot={props =>
          broken.length === 1 ? (
            <Link {...props} to="/connections/$id" params={{ id: first.id }} />
          ) : (
            <Link {...props} to="/connections" />
          )
        }
      >
        {t("banner.see")}
      </Button>
    </div>
  );
}
