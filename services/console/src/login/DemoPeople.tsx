import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { demoPeople } from "./demo_people";
import styles from "./login.module.css";

/** In the dev stack, who there is to sign in as. */
export function DemoPeople() {
  const { t } = useTranslation();
  const people = demoPeople();
  if (people.length === 0) return null;
  return (
    <div className={styles.demo} data-testid="demo-people">
      <Text size="xs" c="dimmed">
        {t("login.demo")}
      </Text>
      <ul>
        {people.map(person => (
          <li key={person}>{person}</li>
        ))}
      </ul>
    </div>
  );
}
