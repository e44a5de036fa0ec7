import { Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";

import styles from "./parts.module.css";

interface PlacePageProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A place that is read from top to bottom: heading, what it is for, what can be done, content. */
export function PlacePage({ title, lead, actions, children }: PlacePageProps) {
  usePlaceTitle(title);
  return (
    <div className={styles.place} tabIndex={0} role="region" aria-label={title}>
      <div className={styles.placeInner}>
        <header className={styles.placeHeader}>
          <div className={styles.placeHeading}>
            <Title order={1} className="from-outside">
              {title}
            </Title>
            {lead && <div className={styles.placeLead}>{lead}</div>}
          </div>
          {actions && <div className={styles.placeActions}>{actions}</div>}
        </header>
        {children}
      </div>
    </div>
  );
}

/** The tab's title. */
export function usePlaceTitle(place: string): void {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = t("app.title", { place });
  }, [t, place]);
}
