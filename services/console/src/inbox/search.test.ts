import { expect, it } from "vitest";

import { markedParts } from "./search";

it("the words that were found are told from the others", () => {
  const parts = markedParts({ text: "the blue one", marks: [{ start: 4, end: 8 }] });
  expect(parts).toEqual([
    { text: "the ", isFound: false },
    { text: "blue", isFound: true },
    { text: " one", isFound: false },
  ]);
});

it("nothing of the text is lost, whatever the marks are", () => {
  const text = "phở bò 🍜 tái";
  const marks = [{ start: 0, end: 3 }, { start: 2, end: 6 }, { start: 5, end: 5 }, { start: 7, end: 99 }]; // prettier-ignore
  expect(markedParts({ text, marks }).map(part => part.text).join("")).toBe(text); // prettier-ignore
  expect(markedParts({ text: "", marks: [] })).toEqual([]);
});
