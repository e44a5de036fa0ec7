import type { ReactNode } from "react";

import styles from "./parts.module.css";

/** Names and values, one under the other. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd className="from-outside">{children}</dd>
    </div>
  );
}
