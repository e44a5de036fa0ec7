import { expect, it } from "vitest";

import { RUN_KINDS, RUN_STATES } from "../api/known";
import type { Run } from "../api/types";
import { words } from "../words/i18n";
import { durationOf, kindExplained, kindInWords, rowsInWords, stateInWords, troubleOf } from "./run_words";

const t = words.t;
const trouble = (error: string | null, error_detail: string | null = null) => troubleOf({ error, error_detail }, t);

it.each(RUN_KINDS)("has words for a run of the kind %s", kind => {
  expect(kindInWords(kind, t)).not.toContain("sync.");
  expect(kindExplained(kind, t)).toMatch(/^[A-Z].*\.$/u);
});

it("only what somebody must do is red", () => {
  expect(RUN_STATES.filter(state => stateInWords(state, t).tone === "act")).toEqual(["parked"]);
});

it("what a newer gateway says is not shown as a key", () => {
  expect(kindInWords("dancing", t)).toBe("Sync");
  expect(stateInWords("dancing", t).words).toBe("Waiting");
});

it("says what became of the rows (C8)", () => {
  const rows = (fresh: number, changed: number, same: number) =>
    rowsInWords({ rows: { new: fresh, changed, same } }, t, "en-GB");
  expect(rows(1_200, 3, 9)).toBe("1,200 new, 3 changed");
  expect(rows(0, 0, 9)).toBe("Nothing new");
  expect(rows(0, 0, 0)).toBeNull();
});

it("a trouble has a sentence and, where a person can do something, the way (C9)", () => {
  expect(trouble(null)).toBeNull();
  expect(trouble("token_expired")).toMatchObject({ remedy: "log_in" });
  expect(trouble("permission_missing")).toMatchObject({ remedy: "grant" });
  expect(trouble("facebook_unavailable")).toEqual({ sentence: "Facebook did not answer as expected.", remedy: "none" });
  expect(trouble("conversation_gone")?.sentence).toContain("no more");
  expect(trouble("moon_phase", "The moon is wrong.")).toEqual({ sentence: "The moon is wrong.", remedy: "none" });
  expect(trouble("toString")?.sentence).toBe("Something went wrong on our side.");
});

it("takes from the start to the end, or to now", () => {
  const now = new Date("2025-11-21T10:01:00Z");
  const started = "2025-11-21T10:00:00Z";
  const run = (fields: Partial<Run>) => ({ state: "running", started_at: started, ended_at: null, ...fields });
  expect(durationOf(run({}), now)).toBe(60_000);
  expect(durationOf(run({ state: "succeeded", ended_at: "2025-11-21T10:00:05Z" }), now)).toBe(5_000);
  expect(durationOf(run({ state: "queued", started_at: null }), now)).toBeNull();
});
