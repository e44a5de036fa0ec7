import { useTranslation } from "react-i18next";
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

import type { Range } from "./buckets";
import { PLOT_HEIGHT, useAxes } from "./axes";
import { EmptyPlot, PlotFrame, type Point, type Series } from "./PlotFrame";
import { PlotTooltip } from "./PlotTooltip";

interface BarPlotProps {
  title: string;
  found: string;
  unit: string;
  series: Series[];
  points: Point[];
  range: Range;
  /** Otherwise they stand on each other, as parts of a whole. */
  isBesideEachOther?: boolean;
  isEmpty: boolean;
}

export function BarPlot({ range, isBesideEachOther = false, isEmpty, ...frame }: BarPlotProps) {
  const { t } = useTranslation();
  const { across, upright } = useAxes(range);
  if (isEmpty) return <EmptyPlot title={frame.title} why={t("plots.empty")} />;
  return (
    <PlotFrame {...frame}>
      <ResponsiveContainer width="100%" height={PLOT_HEIGHT}>
        <BarChart data={frame.points} accessibilityLayer={false} margin={{ top: 4, right: 8, bottom: 0, left: 0 }}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis {...across} />
          <YAxis {...upright} />
          <Tooltip content={<PlotTooltip series={frame.series} />} cursor={{ fill: "var(--surface-hover)" }} />
          {frame.series.map(({ name, colour }) => (
            <Bar
              key={name}
              dataKey={name}
              {...(!isBesideEachOther && { stackId: "all" })}
              fill={`var(--plot-${colour})`}
              isAnimationActive={false}
              maxBarSize={40}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </PlotFrame>
  );
}
