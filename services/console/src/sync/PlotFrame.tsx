import { Button, CopyButton } from "@mantine/core";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";

import { dayAndTime } from "../time/format";
import { useTimeStyle } from "../time/time_style";
import { localeOf } from "../words/languages";
import styles from "./plots.module.css";

/** One line, or one kind of bar. */
export interface Series {
  name: string;
  label: string;
  /** Which of the plots' colours. */
  colour: number;
  /** What it comes to, to stand beside its name. */
  figure: string;
}

export type Point = { at: number } & Record<string, number>;

interface PlotFrameProps {
  title: string;
  /** What the plot says, in a sentence. */
  found: string;
  /** What the upright axis counts. */
  unit: string;
  series: Series[];
  points: Point[];
  children: ReactNode;
}

/** What all plots have: a question, its answer, the lines' names with their numbers, and the same as a table. */
export function PlotFrame({ title, found, unit, series, points, children }: PlotFrameProps) {
  const heading = useId();
  return (
    <section className={styles.plot} aria-labelledby={heading}>
      <h3 id={heading} className={styles.title}>
        {title}
      </h3>
      <p className={styles.found}>{found}</p>
      <div className={styles.unit}>{unit}</div>
      {/* The sentence, the numbers and the table say the same. */}
      <div className={styles.drawing} aria-hidden>
        {children}
      </div>
      <ul className={styles.legend}>
        {series.map(({ name, label, colour, figure }) => (
          <li key={name}>
            <span className={styles.swatch} data-colour={colour} aria-hidden />
            <bdi className="one-line">{label}</bdi>
            <span className={styles.figure}>{figure}</span>
          </li>
        ))}
      </ul>
      <Table series={series} points={points} />
    </section>
  );
}

/** Nothing was done in this time: why, and what to do. */
export function EmptyPlot({ title, why }: { title: string; why: string }) {
  const { t } = useTranslation();
  const heading = useId();
  return (
    <section className={styles.plot} aria-labelledby={heading}>
      <h3 id={heading} className={styles.title}>
        {title}
      </h3>
      <div className={styles.empty}>
        <p className={styles.emptyTitle}>{t("plots.emptyTitle")}</p>
        <p>{why}</p>
      </div>
    </section>
  );
}

function Table({ series, points }: Pick<PlotFrameProps, "series" | "points">) {
  const { t, i18n } = useTranslation();
  const style = useTimeStyle();
  const number = new Intl.NumberFormat(localeOf(i18n.language), { maximumFractionDigits: 1 });
  const head = [t("plots.time"), ...series.map(({ label }) => label)];
  const time = (at: number) => dayAndTime(new Date(at), style);
  const asText = () =>
    [head, ...points.map(point => [time(point.at), ...series.map(({ name }) => String(point[name] ?? 0))])]
      .map(row => row.join("\t"))
      .join("\n");
  return (
    <details className={styles.table}>
      <summary>{t("plots.table")}</summary>
      <div className={styles.tableBox} tabIndex={0} role="region" aria-label={t("plots.table")}>
        <table>
          <thead>
            <tr>
              {head.map((label, column) => (
                <th key={column} scope="col">
                  <bdi>{label}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {points.map(point => (
              <tr key={point.at}>
                <th scope="row">{time(point.at)}</th>
                {series.map(({ name }) => (
                  <td key={name}>{number.format(point[name] ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <CopyButton value={asText()}>
        {({ copied, copy }) => (
          <Button size="xs" variant="default" onClick={copy}>
            {copied ? t("failed.copied") : t("plots.copy")}
          </Button>
        )}
      </CopyButton>
    </details>
  );
}
