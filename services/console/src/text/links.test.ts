import { expect, it } from "vitest";

import { splitLinks } from "./links";

it("an address is a link and the full stop after it is not", () => {
  expect(splitLinks("See https://example.com/menu?x=1. Thanks")).toEqual([
    { text: "See " },
    { text: "https://example.com/menu?x=1", href: "https://example.com/menu?x=1" },
    { text: ". Thanks" },
  ]);
});

it.each(["javascript:alert(1)", "data:text/html,x", "<a href='x'>", "www.example.com", "http://"])(
  "%j stays text",
  text => {
    expect(splitLinks(text)).toEqual([{ text }]);
  },
);

it("an address ends before a character that turns the direction", () => {
  expect(splitLinks("https://good.example/\u202egpj.exe")[0]).toEqual({
    text: "https://good.example/",
    href: "https://good.example/",
  });
});

it("loses no character", () => {
  const text = "a https://x.y b HTTP://Z.w/(q), c";
  expect(
    splitLinks(text)
      .map(part => part.text)
      .join(""),
  ).toBe(text);
});
