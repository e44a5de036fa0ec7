import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

import { PLOT_HEIGHT, useAxes } from "./axes";
import type { Range } from "./buckets";
import { PlotFrame, type Point, type Series } from "./PlotFrame";
import { PlotTooltip } from "./PlotTooltip";

interface LinePlotProps {
  title: string;
  found: string;
  unit: string;
  series: Series[];
  points: Point[];
  range: Range;
}

/** Lines are told apart without colours too. */
const DASHES = ["0", "6 3", "2 3", "8 3 2 3", "4 2", "1 4"];

/** Shares of a limit: the limit itself is the line on top. */
export function LinePlot({ range, ...frame }: LinePlotProps) {
  const { across, upright } = useAxes(range);
  return (
    <PlotFrame {...frame}>
      <ResponsiveContainer width="100%" height={PLOT_HEIGHT}>
        <LineChart data={frame.points} accessibilityLayer={false} margin={{ top: 4, right: 8, bottom: 0, left: 0 }}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis {...across} />
          <YAxis {...upright} domain={[0, 100]} ticks={[0, 25, 50, 75, 100]} />
          <Tooltip content={<PlotTooltip series={frame.series} />} cursor={{ stroke: "var(--mantine-color-dimmed)" }} />
          <ReferenceLine y={100} stroke="var(--act)" />
          {frame.series.map(({ name, colour }) => (
            <Line
              key={name}
              dataKey={name}
              type="linear"
              stroke={`var(--plot-${colour})`}
              strokeWidth={2}
              strokeDasharray={DASHES[colour] ?? "0"}
              dot={false}
              isAnimationActive={false}
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </PlotFrame>
  );
}
