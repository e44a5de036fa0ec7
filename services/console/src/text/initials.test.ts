import { expect, it } from "vitest";

import { initialsOf, tintOf } from "./initials";

it.each([
  ["Linh Trần", "LT"],
  ["Mia", "M"],
  ["Anne Marie von Ørsted", "AØ"],
  ["(Bakery) *Søn*", "BS"],
  ["مقهى حلب", "مح"],
  ["Z̸̡̛͓̻̀a̷͕͝l̵̰͝g̶̱̈́o̸̧͝", "Z̸"],
  ["😀😀", ""],
  ["\u202e", ""],
  ["", ""],
])("the initials of %j are %j", (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

it("the colour of an id stays the same and is one of the palette", () => {
  const tints = Array.from({ length: 1000 }, (_, id) => tintOf(id, 6));
  expect(tints.every(tint => tint >= 0 && tint < 6)).toBe(true);
  expect(new Set(tints).size).toBe(6);
  expect(tintOf(42, 6)).toBe(tintOf(42, 6));
});
