import type { GraphUsage } from "../api/types";

/** Lines that can still be told apart. */
const MOST_LINES = 5;

/** One of Facebook's limits: the app's, or a Page's. */
export interface Limit {
  /** Null: the app's. */
  connection: GraphUsage["data"][number]["connection"];
  highest: number;
  latest: number;
}

export interface UsagePlotData {
  limits: Limit[];
  /** Limits that were used less, and are not shown. */
  left: number;
  points: { at: number; used: number[] }[];
}

/** The app's limit and the Pages' that were used most, on one grid of times. Without calls nothing was used. */
export function usagePlot({ data, since, step_s: step }: GraphUsage, now: Date): UsagePlotData {
  const ranked = data
    .map(({ connection, points }) => ({
      connection: connection ?? null,
      points,
      highest: Math.max(0, ...points.map(({ percent }) => percent)),
      latest: points.at(-1)?.percent ?? 0,
    }))
    .sort(
      (one, next) => Number(one.connection !== null) - Number(next.connection !== null) || next.highest - one.highest,
    );
  const shown = ranked.slice(0, MOST_LINES);
  const length = step * 1_000;
  const slot = (at: number) => Math.floor(at / length);
  const used = shown.map(({ points }) => new Map(points.map(({ at, percent }) => [slot(Date.parse(at)), percent])));
  const points: UsagePlotData["points"] = [];
  for (let at = slot(Date.parse(since)); at <= slot(now.getTime()); at++) {
    points.push({ at: at * length, used: used.map(limit => limit.get(at) ?? 0) });
  }
  return {
    limits: shown.map(({ connection, highest, latest }) => ({ connection, highest, latest })),
    left: ranked.length - shown.length,
    points,
  };
}
