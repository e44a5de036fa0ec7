import type { TooltipContentProps } from "recharts";

import { dayAndTime } from "../time/format";
import { useTimeStyle } from "../time/time_style";
import type { Series } from "./PlotFrame";
import styles from "./plots.module.css";

/** The numbers of the time that is pointed at. */
export function PlotTooltip({ active, label, payload, series }: Partial<TooltipContentProps> & { series: Series[] }) {
  const style = useTimeStyle();
  if (!active || typeof label !== "number") return null;
  const number = new Intl.NumberFormat(style.locale, { maximumFractionDigits: 1 });
  return (
    <div className={styles.tooltip}>
      <div className={styles.tooltipTime}>{dayAndTime(new Date(label), style)}</div>
      {series.map(({ name, label: of, colour }) => (
        <div key={name} className={styles.tooltipRow}>
          <span className={styles.swatch} data-colour={colour} />
          <bdi className="one-line">{of}</bdi>
          <span className={styles.figure}>
            {number.format(Number(payload?.find(({ dataKey }) => dataKey === name)?.value ?? 0))}
          </span>
        </div>
      ))}
    </div>
  );
}
