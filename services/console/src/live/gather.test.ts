import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { gather } from "./gather";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("hands the first on soon and the burst after it together", () => {
  const flushed: number[][] = [];
  const { add } = gather<number>(items => flushed.push(items), { soonMs: 20, everyMs: 250 });
  add(1);
  vi.advanceTimersByTime(20);
  expect(flushed).toEqual([[1]]);
  for (let item = 2; item <= 100; item++) add(item);
  vi.advanceTimersByTime(249);
  expect(flushed).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(flushed).toHaveLength(2);
  expect(flushed[1]).toHaveLength(99);
});

it("hands nothing on once it is stopped", () => {
  const flush = vi.fn();
  const { add, stop } = gather(flush, { soonMs: 20, everyMs: 250 });
  add(1);
  stop();
  vi.advanceTimersByTime(1_000);
  expect(flush).not.toHaveBeenCalled();
});
