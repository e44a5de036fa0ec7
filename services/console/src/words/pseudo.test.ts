import { expect, it } from "vitest";

import english from "./en.json";
import { pseudo, pseudoWords } from "./pseudo";

it("is about 40 % longer and has accents", () => {
  const text = "Look for new Pages";
  expect(pseudo(text).length).toBeGreaterThanOrEqual(Math.floor(text.length * 1.4));
  expect(pseudo(text)).toMatch(/^\[Ļộộķ /u);
});

it("leaves what is filled in later", () => {
  expect(pseudo("Checked {{name}} <when/>.")).toMatch(/ \{\{name\}\} <when\/>/u);
});

it("has every word that English has", () => {
  const keys = (words: object, path = ""): string[] =>
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === "string" ? [`${path}${key}`] : keys(value as object, `${path}${key}.`),
    );
  expect(keys(pseudoWords(english))).toEqual(keys(english));
});
