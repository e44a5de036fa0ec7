import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Contact } from "../api/types";
import { LoadingLines } from "../parts/Loading";
import { customOf } from "./contact_draft";
import styles from "./contact.module.css";

const ContactForm = lazy(() => import("./ContactForm").then(({ ContactForm }) => ({ default: ContactForm })));

/** What people wrote of the customer, and the way to write more. */
export function WrittenOfContact({ contact }: { contact: Contact }) {
  const { t } = useTranslation();
  const [isEditing, setIsEditing] = useState(false);
  if (isEditing) {
    return (
      <Suspense fallback={<LoadingLines count={6} />}>
        <ContactForm contact={contact} close={() => setIsEditing(false)} />
      </Suspense>
    );
  }
  const { email, phone, tags, notes } = contact;
  return (
    <>
      <dl className={styles.facts}>
        {email && (
          <>
            <dt>{t("contact.email")}</dt>
            <dd className="from-outside">{email}</dd>
          </>
        )}
        {phone && (
          <>
            <dt>{t("contact.phone")}</dt>
            <dd className="from-outside">{phone}</dd>
          </>
        )}
        {tags.length > 0 && (
          <>
            <dt>{t("contact.tags")}</dt>
            <dd className={styles.tags}>
              {tags.map(tag => (
                <bdi key={tag} className={`${styles.tag} from-outside`}>
                  {tag}
                </bdi>
              ))}
            </dd>
          </>
        )}
        {notes && (
          <>
            <dt>{t("contact.notes")}</dt>
            <dd className={`${styles.notes} from-outside`}>
              <bdi>{notes}</bdi>
            </dd>
          </>
        )}
        {Object.entries(customOf(contact)).map(([name, value]) => (
          <CustomFact key={name} name={name} value={String(value)} />
        ))}
      </dl>
      <Button size="xs" variant="default" onClick={() => setIsEditing(true)}>
        {t("contact.edit")}
      </Button>
    </>
  );
}

function CustomFact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="from-outside">
        <bdi>{name}</bdi>
      </dt>
      <dd className="from-outside">
        <bdi>{value}</bdi>
      </dd>
    </>
  );
}
