import { expect, it } from "vitest";

import { bucketsOf, rangeOf, total } from "./buckets";

const now = new Date("2025-11-21T14:20:00Z");
const hour = (at: string, calls: number) => ({ at, values: { calls } });

it("hours without work are zero, and the hour that has begun counts (C8)", () => {
  const buckets = bucketsOf([hour("2025-11-21T12:00:00Z", 5), hour("2025-11-21T14:00:00Z", 2)], ["calls"], "2025-11-21T11:20:00Z", now, "24h"); // prettier-ignore
  expect(buckets.map(({ calls }) => calls)).toEqual([0, 5, 0, 2]);
  expect(buckets[0]?.at).toBe(Date.parse("2025-11-21T11:00:00Z"));
});

it("longer ranges have longer buckets, and lose nothing", () => {
  const hours = Array.from({ length: 100 }, (_, index) =>
    hour(new Date(now.getTime() - index * 3_600_000).toISOString(), 1),
  );
  const since = new Date(now.getTime() - 7 * 86_400_000).toISOString();
  const buckets = bucketsOf(hours, ["calls"], since, now, "7d");
  expect(total(buckets, "calls")).toBe(100);
  expect(buckets.length).toBeLessThanOrEqual(30);
  expect(Math.max(...buckets.map(({ calls }) => calls))).toBe(6);
});

it("an address with another range shows a day", () => {
  expect(rangeOf("7d")).toBe("7d");
  expect(rangeOf("2y")).toBe("24h");
  expect(rangeOf(undefined)).toBe("24h");
});
