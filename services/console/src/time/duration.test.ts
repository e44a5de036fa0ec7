import { expect, it } from "vitest";

import { durationInWords } from "./duration";

it.each([
  [-5, "0 ms"],
  [340, "340 ms"],
  [999.6, "1,000 ms"],
  [4_190, "4.1 secs"],
  [42_900, "42 secs"],
  [59_999, "59 secs"],
  [200_000, "3 mins, 20 secs"],
  [7_500_000, "2 hrs, 5 mins"],
  [7_200_000, "2 hrs"],
])("%i ms is %j", (milliseconds, words) => {
  expect(durationInWords(milliseconds, "en-GB").replaceAll(",", "")).toBe(words.replaceAll(",", ""));
});
