import { expect, it } from "vitest";

import type { GraphUsage } from "../api/types";
import { usagePlot } from "./usage";

const now = new Date("2025-11-21T14:00:00Z");
const point = (at: string, percent: number) => ({ at, percent, calls: 1, errors: 0, throttled_ms: 0 });
const page = (id: number, percent: number) => ({
  connection: { id, name: `Page ${id}`, picture_url: null, connection_type: "facebook" },
  points: [point("2025-11-21T13:30:00Z", percent)],
});
const usage = (data: GraphUsage["data"]): GraphUsage => ({
  since: "2025-11-21T13:00:00Z",
  step_s: 900,
  data,
  truncated: false,
});

it("the app's limit stands first, then the Pages that use most (I3)", () => {
  const app = { connection: null, points: [point("2025-11-21T13:15:00Z", 28), point("2025-11-21T13:45:00Z", 12)] };
  const { limits, left } = usagePlot(
    usage([page(1, 5), page(2, 80), app, ...[3, 4, 5, 6, 7].map(id => page(id, id))]),
    now,
  );
  expect(limits.map(({ connection }) => connection?.id ?? null)).toEqual([null, 2, 7, 6, 1]);
  expect(limits[0]).toMatchObject({ highest: 28, latest: 12 });
  expect(left).toBe(3);
});

it("times without calls are zero", () => {
  const { points } = usagePlot(usage([page(1, 40)]), now);
  expect(points.map(({ used }) => used[0])).toEqual([0, 0, 40, 0, 0]);
  expect(points[0]?.at).toBe(Date.parse("2025-11-21T13:00:00Z"));
});

it("without limits there is nothing to tell", () => {
  expect(usagePlot(usage([]), now).limits).toEqual([]);
});
