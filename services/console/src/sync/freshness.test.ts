import { describe, expect, it } from "vitest";

import type { Connection } from "../api/types";
import { agePercent, byNeed, freshnessOf, upToDate } from "./freshness";

const now = new Date("2025-11-21T14:00:00Z");
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
const page = (fields: Partial<Connection>) =>
  ({ id: 1, name: "", state: "connected", last_synced_at: minutesAgo(5), active_run: null, ...fields }) as Connection;

const fresh = page({});
const behind = page({ last_synced_at: minutesAgo(121) });
const never = page({ last_synced_at: null });
const run = { id: 9, phase: "fetching_conversations", conversations: 3, expected_conversations: null };
const syncing = page({ last_synced_at: minutesAgo(300), active_run: run });
const first = page({ last_synced_at: null, active_run: run });
const cutOff = page({ state: "reauthorization_required", active_run: run });
const gone = page({ state: "disconnected", last_synced_at: minutesAgo(9_000) });

it("a Page is behind after two hours, unless it is being synced or cannot be (C8)", () => {
  expect([fresh, behind, never, syncing, first, cutOff].map(each => freshnessOf(each, now))).toEqual([
    "fresh", "behind", "never", "syncing", "syncing", "cut_off",
  ]); // prettier-ignore
  expect(freshnessOf(page({ last_synced_at: minutesAgo(120) }), now)).toBe("fresh");
});

describe("the answer", () => {
  it("is the worst that is so, and of how many Pages", () => {
    const answer = (...pages: Connection[]) => {
      const { is, count } = upToDate(pages, now);
      return [is, count];
    };
    expect(answer()).toEqual(["none", 0]);
    expect(answer(gone)).toEqual(["none", 0]);
    expect(answer(fresh, syncing, gone)).toEqual(["fresh", 2]);
    expect(answer(fresh, first)).toEqual(["first_sync", 1]);
    expect(answer(fresh, behind, never, first)).toEqual(["behind", 2]);
    expect(answer(fresh, behind, cutOff)).toEqual(["cut_off", 1]);
  });

  it("knows how many are synced now, and the longest wait", () => {
    expect(upToDate([fresh, syncing, first, gone], now)).toMatchObject({
      syncing: 2,
      pages: 3,
      oldest: minutesAgo(300),
    });
    expect(upToDate([never], now).oldest).toBeNull();
  });
});

it("age runs from now to where it counts as behind", () => {
  expect(agePercent(minutesAgo(0), now)).toBe(0);
  expect(agePercent(minutesAgo(60), now)).toBe(50);
  expect(agePercent(minutesAgo(500), now)).toBe(100);
  expect(agePercent(minutesAgo(-5), now)).toBe(0);
});

it("who needs somebody stands first, and a sync moves nobody", () => {
  expect(byNeed([fresh, syncing, gone, behind, cutOff], now)).toEqual([cutOff, behind, fresh, syncing]);
});
