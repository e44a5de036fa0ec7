import { Skeleton } from "@mantine/core";

import styles from "./thread.module.css";

const WIDTHS = [220, 320, 180, 260, 140, 300];

/** Messages in the shape of what comes. */
export function LoadingBubbles() {
  return (
    <div className={`delayed ${styles.loading}`} aria-hidden data-testid="loading">
      {WIDTHS.map((width, index) => (
        <Skeleton key={width} height={38} width={width} radius="lg" ml={index % 3 === 2 ? "auto" : 0} maw="75%" />
      ))}
    </div>
  );
}
