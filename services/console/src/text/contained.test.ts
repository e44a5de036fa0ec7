import { describe, expect, it } from "vitest";

import { contained, singleLine, withoutTurns } from "./contained";

const OPENERS = /[\u202a\u202b\u202d\u202e\u2066-\u2068]/gu;
const CLOSERS = /[\u202c\u2069]/gu;

describe("contained", () => {
  it("keeps a right-to-left override inside the name", () => {
    expect(contained("Invoice\u202efdp.exe")).toBe("\u2068Invoicefdp.exe\u2069");
  });

  it("cannot be closed from within", () => {
    const hostile = contained("a\u2069\u202c\u202eb");
    expect(hostile.match(OPENERS)).toHaveLength(1);
    expect(hostile.match(CLOSERS)).toHaveLength(1);
    expect(hostile.endsWith("\u2069")).toBe(true);
  });

  it("cuts what is longer than a name", () => {
    expect([...contained("x".repeat(10_000))]).toHaveLength(82);
    expect(contained("x".repeat(80))).not.toContain("…");
  });

  it("leaves right-to-left scripts, diacritics and emoji as they are", () => {
    for (const name of ["مقهى حلب", "Phở Nhà Linh", "Smørrebrød & Søn", "👩‍👩‍👧 Cafe"]) {
      expect(contained(name)).toBe(`\u2068${name}\u2069`);
    }
  });
});

describe("singleLine", () => {
  it("has no line breaks and no control characters", () => {
    expect(singleLine(" one\r\ntwo\u2028three\u0000 ")).toBe("one two three");
  });
});

it("what would turn a machine's text is written as its number", () => {
  expect(withoutTurns('{"a":"\u202egpj.exe\u061c"}')).toBe('{"a":"\\u202egpj.exe\\u061c"}');
});
