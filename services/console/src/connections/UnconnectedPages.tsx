import { useTranslation } from "react-i18next";

import type { GrantablePage, UnconnectedPage } from "../api/types";
import { PagePicture } from "../parts/PagePicture";
import { remedyOf } from "./reasons";
import { RemedyButton } from "./RemedyButton";
import { reasonInWords } from "./sentences";
import styles from "./connections.module.css";

/** A connect run names them without what the list adds. */
type Unconnected = UnconnectedPage & Partial<GrantablePage>;

/** Pages that could not be connected: why, and the button that helps. */
export function UnconnectedPages({ pages, returnTo }: { pages: Unconnected[]; returnTo: string }) {
  const { t } = useTranslation();
  return (
    <ul className={styles.list} data-testid="unconnected-pages">
      {pages.map(page => (
        <li key={page.page_id} className={styles.row}>
          <PagePicture id={Number(page.page_id) % 1_000_003} name={page.name} url={page.picture_url} size="md" />
          <div className={styles.rowText}>
            <bdi className={`${styles.name} one-line`}>{page.name}</bdi>
            <p className={styles.why}>{reasonInWords(page.reason, t)}</p>
          </div>
          <div className={styles.rowAction}>
            <RemedyButton remedy={page.can_grant === false ? "none" : remedyOf(page.reason)} returnTo={returnTo} />
          </div>
        </li>
      ))}
    </ul>
  );
}
