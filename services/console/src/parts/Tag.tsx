import type { ReactNode } from "react";

import styles from "./parts.module.css";

/** `act` is for what somebody must do; nothing else is red. */
export type Tone = "good" | "look" | "act" | "calm";

/** A state in a word; its colour only repeats it. */
export function Tag({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={styles.tag} data-tone={tone}>
      {children}
    </span>
  );
}
