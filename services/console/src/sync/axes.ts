import { clockTime, dayAndMonth } from "../time/format";
import { useTimeStyle } from "../time/time_style";
import type { Range } from "./buckets";

export const PLOT_HEIGHT = 180;

const TICK = { fill: "var(--mantine-color-dimmed)", fontSize: 11 };

/** Both axes of a plot over time: clock times within a day, days beyond. */
export function useAxes(range: Range) {
  const style = useTimeStyle();
  const isWithinADay = range === "1h" || range === "24h";
  const tick = (at: number) => (isWithinADay ? clockTime(new Date(at), style) : dayAndMonth(new Date(at), style));
  const number = new Intl.NumberFormat(style.locale, { notation: "compact", maximumFractionDigits: 1 });
  return {
    across: {
      dataKey: "at",
      tickFormatter: tick,
      tick: TICK,
      tickLine: false,
      minTickGap: 24,
      stroke: "var(--line)",
    },
    upright: {
      width: 40,
      tick: TICK,
      tickLine: false,
      axisLine: false,
      tickFormatter: (value: number) => number.format(value),
      allowDecimals: false,
    },
  } as const;
}
