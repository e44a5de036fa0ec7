import { Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

import styles from "./card.module.css";

interface CardProps {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}

/** A part of a place, under its own heading. */
export function Card({ title, lead, children }: CardProps) {
  const heading = useId();
  return (
    <section aria-labelledby={heading}>
      <div className={styles.heading}>
        <Title order={2} id={heading}>
          {title}
        </Title>
        {lead && <p className={styles.lead}>{lead}</p>}
      </div>
      <div className={styles.body}>{children}</div>
    </section>
  );
}

/** Room around what stands in a card, where it is not rows from edge to edge. */
export function CardPadding({ children }: { children: ReactNode }) {
  return <div className={styles.padding}>{children}</div>;
}
