import { expect, it } from "vitest";

import { findTargets } from "./targets";

const target = (name: string) => ({ key: name, name, kind: "", go: () => {} });
const names = (typed: string) =>
  findTargets(["Inbox", "Phở Nhà Linh", "Smørrebrød & Søn", "Linh Holding"].map(target), typed).map(({ name }) => name);

it("finds names without their accents", () => {
  expect(names("pho nha")).toEqual(["Phở Nhà Linh"]);
  expect(names("smorrebrod")).toEqual(["Smørrebrød & Søn"]);
});

it("puts names that begin with what was typed first", () => {
  expect(names("linh")).toEqual(["Linh Holding", "Phở Nhà Linh"]);
});

it("shows everything before something is typed", () => {
  expect(names("  ")).toHaveLength(4);
});
