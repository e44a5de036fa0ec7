import type { TFunction } from "i18next";

import { known, PHASES } from "../api/known";
import type { Run } from "../api/types";
import { hasEnded } from "./queries";

/** How far a Page's run is, 0 to 100; null while that cannot be known. */
export function percentDone(run: Run): number | null {
  if (run.state === "succeeded") return 100;
  if (run.phase !== "fetching_conversations" || !run.expected_conversations) return null;
  return Math.min(99, Math.floor((100 * run.conversations) / run.expected_conversations));
}

/** "Fetching conversations, 340 of about 500". */
export function phaseInWords(run: Run, t: TFunction, locale: string): string {
  if (run.state === "succeeded") {
    return run.kind === "first"
      ? t("connect.results.succeeded", { count: run.conversations })
      : t("connect.results.again", { count: run.conversations_changed });
  }
  if (run.state === "failed") return t("connect.results.failed");
  const number = new Intl.NumberFormat(locale);
  if (run.phase !== "fetching_conversations" || run.conversations === 0)
    return t(`connect.phases.${known(PHASES, run.phase) ?? "waiting"}`);
  const done = number.format(run.conversations);
  if (!run.expected_conversations || run.expected_conversations < run.conversations) {
    return t("connect.phases.fetching_conversations_count", { done });
  }
  return t("connect.phases.fetching_conversations_of", { done, expected: number.format(run.expected_conversations) });
}

export interface Pace {
  perSecond: number;
  secondsLeft: number;
}

/** How quickly all Pages' conversations come and how long it still takes; null until that can be told. */
export function paceOf(runs: Run[], now: Date): Pace | null {
  const started = runs.flatMap(run => (run.started_at ? [Date.parse(run.started_at)] : []));
  const seconds = (now.getTime() - Math.min(...started)) / 1000;
  const done = sum(runs.map(run => run.conversations));
  const expectedIsKnown = runs.every(run => hasEnded(run) || run.expected_conversations !== null);
  if (!expectedIsKnown || done === 0 || !(seconds >= 2)) return null;
  const left = sum(
    runs.filter(run => !hasEnded(run)).map(run => (run.expected_conversations ?? 0) - run.conversations),
  );
  const perSecond = done / seconds;
  return { perSecond, secondsLeft: Math.max(0, left) / perSecond };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
