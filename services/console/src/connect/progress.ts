import type { TFunction } from "i18next";

import { known, PHASES } from "../api/known";
import type { Connection, Run } from "../api/types";
import { hasEnded } from "./queries";

/** How far a Page's run is, 0 to 100; null while that cannot be known. */
export function percentDone(
  run: Pick<Run, "state" | "phase" | "conversations" | "expected_conversations">,
): number | null {
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
  if (run.state === "canceled") return t("connect.results.canceled");
  if (hasEnded(run)) return t("connect.results.failed");
  return workInWords(run, t, locale);
}

/** The same of a run that is under way, whatever it does. */
export function workInWords(
  { phase, conversations, expected_conversations: expected }: NonNullable<Connection["active_run"]>,
  t: TFunction,
  locale: string,
): string {
  const number = new Intl.NumberFormat(locale);
  if (phase !== "fetching_conversations" || conversations === 0) {
    return t(`connect.phases.${known(PHASES, phase) ?? "waiting"}`);
  }
  const done = number.format(conversations);
  if (!expected || expected < conversations) return t("connect.phases.fetching_conversations_count", { done });
  return t("connect.phases.fetching_conversations_of", { done, expected: number.format(expected) });
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
