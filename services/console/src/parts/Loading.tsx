import { Skeleton } from "@mantine/core";

import styles from "./parts.module.css";

/** Rows in the shape of what comes; not shown for what comes at once. */
export function LoadingRows({ count, height }: { count: number; height: number }) {
  return (
    <div className="delayed" aria-hidden data-testid="loading">
      {Array.from({ length: count }, (_, row) => (
        <div key={row} className={styles.loadingRow} style={{ height }}>
          <Skeleton circle height={36} width={36} />
          <div className={styles.loadingLines}>
            <Skeleton height={10} width={`${50 - ((row * 17) % 25)}%`} radius="xl" />
            <Skeleton height={10} width={`${85 - ((row * 23) % 30)}%`} radius="xl" />
          </div>
        </div>
      ))}
    </div>
  );
}

export function LoadingLines({ count }: { count: number }) {
  return (
    <div className={`delayed ${styles.loadingText}`} aria-hidden data-testid="loading">
      {Array.from({ length: count }, (_, line) => (
        <Skeleton key={line} height={12} width={`${90 - ((line * 29) % 45)}%`} radius="xl" />
      ))}
    </div>
  );
}
