import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { PLACES } from "./places";
import { useCounts } from "./counts";
import styles from "./shell.module.css";

/** The rail on the left of a desktop, the bar at the bottom of a phone. */
export function Navigation() {
  const { t } = useTranslation();
  const counts = useCounts();
  return (
    <nav className={styles.navigation} aria-label={t("places.navigation")}>
      {PLACES.map(({ name, to, icon: Icon }) => {
        const count = counts[name];
        return (
          <Link
            key={name}
            to={to}
            params={{ conversation: undefined }}
            search={{}}
            className={styles.place}
            activeProps={{ "aria-current": "page" }}
          >
            <Icon size={20} stroke={1.7} aria-hidden className={styles.placeIcon} />
            <span className={styles.placeName}>{t(`places.${name}`)}</span>
            {count && (
              <span className={styles.count} data-act={count.mustAct || undefined} title={count.meaning}>
                {count.shown}
              </span>
            )}
          </Link>
        );
      })}
    </nav>
  );
}
