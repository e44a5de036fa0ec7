import { expect, it } from "vitest";

import english from "./en.json";

const files = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.ts"], {
  query: "?raw",
  import: "default",
  eager: true,
});
const sources = Object.values(files).join("\n");

/** Keys that are put together, as `reasons.${reason}`, are used by their beginning. */
const isUsed = (key: string) => {
  const plain = key.replace(/_(one|other)$/u, "");
  const above = plain.slice(0, plain.lastIndexOf(".") + 1);
  return [`"${plain}"`, `\`${above}\${`].some(use => sources.includes(use));
};

it("no word is left over", () => {
  const keys = (words: object, path: string): string[] =>
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === "string" ? [path + key] : keys(value as object, `${path}${key}.`),
    );
  expect(keys(english, "").filter(key => !isUsed(key))).toEqual([]);
});
