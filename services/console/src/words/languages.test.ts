import { expect, it } from "vitest";

import { languageWithWords, localeOf } from "./languages";

it("an account whose language has no words yet is shown English", () => {
  expect(languageWithWords("en")).toBe("en");
  expect(languageWithWords("vi")).toBe("en");
  expect(languageWithWords("")).toBe("en");
});

it("the pseudo-language writes dates as English does", () => {
  expect(localeOf("en-XA")).toBe(localeOf("en"));
});
