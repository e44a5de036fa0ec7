import { expect, it } from "vitest";

import { PHASES } from "../api/known";
import type { Run } from "../api/types";
import { words } from "../words/i18n";
import { paceOf, percentDone, phaseInWords } from "./progress";

const run = (fields: Partial<Run>): Run => ({
  id: 1, kind: "first", state: "running", phase: "fetching_conversations", connection: null, conversations: 0,
  expected_conversations: null, conversations_changed: 0, messages: 0, contacts: 0, calls: 0, throttled_ms: 0, error: null,
  rows: { new: 0, changed: 0, same: 0 }, bytes: 0, errors: 0, attempts: 0, cancel_requested: false,
  created_at: "2025-11-21T10:00:00Z", started_at: "2025-11-21T10:00:00Z", ended_at: null, children: [], unconnected_pages: [],
  ...fields,
}); // prettier-ignore

const say = (fields: Partial<Run>) => phaseInWords(run(fields), words.t, "en-GB");

it("says how many conversations of how many", () => {
  expect(say({ conversations: 1340, expected_conversations: 5000 })).toBe(
    "Fetching conversations, 1,340 of about 5,000",
  );
  expect(say({ conversations: 340 })).toBe("Fetching conversations, 340 so far");
  expect(say({ conversations: 40, expected_conversations: 20 })).toBe("Fetching conversations, 40 so far");
  expect(say({ state: "succeeded", conversations: 1 })).toBe("Connected, 1 conversation");
  expect(say({ kind: "incremental", state: "succeeded", conversations: 9, conversations_changed: 2 })).toBe(
    "Up to date, 2 conversations new or changed",
  );
});

it("an end that is not the wanted one is said", () => {
  expect(say({ state: "parked" })).toContain("not all conversations could be fetched");
  expect(say({ state: "canceled" })).toContain("Canceled");
});

it.each(PHASES)("has words for the phase %s", phase => {
  expect(say({ phase })).not.toContain("connect.");
});

it("a phase of a newer gateway is not shown as a key", () => {
  expect(say({ phase: "dancing" })).toBe("Waiting for its turn");
});

it("is not at the end before the end", () => {
  expect(percentDone(run({ conversations: 500, expected_conversations: 500 }))).toBe(99);
  expect(percentDone(run({ conversations: 250, expected_conversations: 500 }))).toBe(50);
  expect(percentDone(run({ phase: "subscribing" }))).toBeNull();
  expect(percentDone(run({ state: "succeeded" }))).toBe(100);
});

it("tells the time that is left once all Pages' sizes are known", () => {
  const now = new Date("2025-11-21T10:00:10Z");
  const half = run({ conversations: 100, expected_conversations: 200 });
  expect(paceOf([half, half], now)).toEqual({ perSecond: 20, secondsLeft: 10 });
  expect(paceOf([half, run({})], now)).toBeNull();
  expect(paceOf([], now)).toBeNull();
});
