import { describe, expect, it } from "vitest";

import { clockTime, dayHeading, dayOf, fullTime, timeAgo, timeUntil } from "./format";

const copenhagen = { locale: "en-GB", timeZone: "Europe/Copenhagen" };
const hoChiMinh = { locale: "en-GB", timeZone: "Asia/Ho_Chi_Minh" };
const now = new Date("2025-11-21T14:00:00Z");
const before = (milliseconds: number) => new Date(now.getTime() - milliseconds);

describe("timeAgo", () => {
  it.each([
    [0, "now"],
    [59_000, "now"],
    [60_000, "1 min ago"],
    [59 * 60_000, "59 min ago"],
    [3 * 3_600_000, "3 hr ago"],
    [86_400_000, "1 day ago"],
    [6 * 86_400_000, "6 days ago"],
    [10 * 86_400_000, "11 Nov"],
    [400 * 86_400_000, "17 Oct 2024"],
  ])("%i ms ago is %j", (passed, words) => {
    expect(timeAgo(before(passed), now, copenhagen)).toBe(words);
  });

  it("a clock that runs ahead gives now", () => {
    expect(timeAgo(before(-5_000), now, copenhagen)).toBe("now");
  });
});

describe("timeUntil", () => {
  it.each([
    [9 * 86_400_000 + 5_000, "in 9 days"],
    [-3 * 3_600_000, "3 hr ago"],
    [10, "in 1 min"],
    [-10, "1 min ago"],
  ])("%i ms from now is %j", (left, words) => {
    expect(timeUntil(before(-left), now, copenhagen)).toBe(words);
  });
});

describe("the account's time zone", () => {
  const lateEvening = new Date("2025-11-20T23:30:00Z");

  it("decides the day", () => {
    expect(dayOf(lateEvening, { locale: "en-GB", timeZone: "UTC" })).toBe("2025-11-20");
    expect(dayOf(lateEvening, copenhagen)).toBe("2025-11-21");
    expect(dayHeading(lateEvening, now, copenhagen)).toBe("today");
    expect(dayHeading(lateEvening, now, { locale: "en-GB", timeZone: "UTC" })).toBe("yesterday");
  });

  it("decides the time of day, and the full time names it", () => {
    expect(clockTime(lateEvening, hoChiMinh)).toBe("06:30");
    expect(fullTime(lateEvening, copenhagen)).toMatch(/^Friday,? 21 November 2025.* 00:30:00 CET$/);
  });

  it("a day of 23 hours is one day", () => {
    const morningAfter = new Date("2025-03-31T06:00:00Z");
    const eveningBefore = new Date("2025-03-29T20:00:00Z");
    expect(dayHeading(eveningBefore, morningAfter, copenhagen)).toMatch(/^Saturday,? 29 March$/);
    expect(dayHeading(new Date("2025-03-30T01:30:00Z"), morningAfter, copenhagen)).toBe("yesterday");
  });
});

it("a heading of another year has the year", () => {
  expect(dayHeading(new Date("2024-01-24T12:00:00Z"), now, copenhagen)).toMatch(/^Wednesday,? 24 January 2024$/);
});

it("Danish dates are written as Danes write them", () => {
  expect(dayHeading(new Date("2024-01-24T12:00:00Z"), now, { locale: "da-DK", timeZone: "UTC" })).toContain(
    "24. januar 2024",
  );
});
