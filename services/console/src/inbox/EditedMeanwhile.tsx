import { useTranslation } from "react-i18next";

import type { Contact } from "../api/types";
import { draftOf, type DraftField, type Meanwhile } from "./contact_draft";
import styles from "./contact.module.css";

/** Nobody saves again without having seen it. */
function showWhole(notice: HTMLElement | null): void {
  notice?.scrollIntoView({ block: "nearest" });
}

/** Somebody else edited the customer while this was being written: what they changed, and what saving does now. */
export function EditedMeanwhile({ contact, meanwhile }: { contact: Contact; meanwhile: Meanwhile }) {
  const { t } = useTranslation();
  const theirs = draftOf(contact);
  const shown = (field: DraftField): string => {
    if (field === "tags") return theirs.tags.join(", ");
    if (field === "custom") return theirs.custom.map(({ name, value }) => `${name}: ${value}`).join(", ");
    return theirs[field];
  };
  return (
    <div ref={showWhole} role="alert" className={styles.meanwhile}>
      <strong>{t("contact.meanwhile")}</strong>
      <ul>
        {meanwhile.theirs.map(field => (
          <li key={field} className="from-outside">
            {t(`contact.${field}`)}
            {": "}
            <bdi>{shown(field) || t("contact.emptied")}</bdi>
          </li>
        ))}
      </ul>
      {t(meanwhile.both.length > 0 ? "contact.meanwhileBoth" : "contact.meanwhileOthers")}
    </div>
  );
}
