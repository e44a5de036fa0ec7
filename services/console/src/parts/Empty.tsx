import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import styles from "./parts.module.css";

interface EmptyProps {
  icon: ReactNode;
  title: string;
  why: string;
  children?: ReactNode;
}

/** Nothing here: why, and what to do next. */
export function Empty({ icon, title, why, children }: EmptyProps) {
  return (
    <Stack align="center" gap="xs" className={styles.empty}>
      <span className={styles.emptyIcon} aria-hidden>
        {icon}
      </span>
      <Title order={2} ta="center">
        {title}
      </Title>
      <Text c="dimmed" ta="center" maw={420}>
        {why}
      </Text>
      {children}
    </Stack>
  );
}
