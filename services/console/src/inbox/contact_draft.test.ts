import { expect, it } from "vitest";

import type { Contact } from "../api/types";
import { changedIn, changesOf, draftOf, meanwhile } from "./contact_draft";

const contact = (fields: Record<string, unknown> = {}) =>
  ({
    id: 1, email: "freja@example.dk", phone: null, tags: ["regular", "vegan"], notes: "By the window.", version: 3,
    custom_fields: { size: "M", visits: 7, member: true }, ...fields,
  }) as unknown as Contact; // prettier-ignore

it("only what was changed is sent", () => {
  const before = contact();
  expect(changesOf(draftOf(before), before)).toEqual({});
  const draft = { ...draftOf(before), phone: " +45 12 34 56 78 ", tags: ["vegan", "regular", " "] };
  expect(changesOf(draft, before)).toEqual({ phone: "+45 12 34 56 78" });
  expect(changesOf({ ...draftOf(before), email: "" }, before)).toEqual({ email: "" });
});

it("custom fields keep their kind, and one that is removed is sent as null", () => {
  const before = contact();
  const custom = [{ name: "size", value: "L" }, { name: "visits", value: "8" }, { name: "", value: "?" }]; // prettier-ignore
  expect(changesOf({ ...draftOf(before), custom }, before)).toEqual({
    custom_fields: { size: "L", visits: 8, member: null },
  });
  const worded = [{ name: "size", value: "M" }, { name: "visits", value: "many" }, { name: "member", value: "true" }]; // prettier-ignore
  expect(changesOf({ ...draftOf(before), custom: worded }, before)).toEqual({ custom_fields: { visits: "many" } });
});

it("what somebody else wrote meanwhile is taken over, and nothing that was typed is lost", () => {
  const before = contact();
  const draft = { ...draftOf(before), notes: "At the bar.", phone: "1" };
  const now = contact({ notes: "In the garden.", email: "new@example.dk", version: 4 });
  const merged = meanwhile(draft, before, now);
  expect(merged.theirs).toEqual(["email", "notes"]);
  expect(merged.both).toEqual(["notes"]);
  expect(merged.draft).toMatchObject({ email: "new@example.dk", notes: "At the bar.", phone: "1" });
  expect(changedIn(merged.draft, now)).toEqual(["phone", "notes"]);
});
