import { expect, it } from "vitest";

import { RequestFailed } from "../api/request_failed";
import { changedFields, fieldErrors, fieldsOf } from "./page_fields";

const before = { about: "Buns", phone: "+45 33 12 34 56", website: "" };
const refused = (status: number, problem: object) =>
  RequestFailed.of(new Response(JSON.stringify(problem), { status }));

it("what is absent is an empty field", () => {
  expect(fieldsOf({ about: null, phone: undefined, website: "https://a.example" })).toEqual({
    about: "", phone: "", website: "https://a.example",
  }); // prettier-ignore
});

it("only what was changed is written, and an emptied field is emptied", () => {
  expect(changedFields(before, { ...before, about: " Buns " })).toEqual({});
  expect(changedFields(before, { ...before, phone: "", website: "https://a.example " })).toEqual({
    phone: "", website: "https://a.example",
  }); // prettier-ignore
});

it("each field has what is said of it", async () => {
  const errors = [
    { field: "phone", detail: "has an invalid format" },
    { field: "moon", detail: "is new" },
  ];
  expect(fieldErrors(await refused(422, { errors, field: "phone", detail: "not all" }))).toEqual({
    phone: "has an invalid format",
  });
  expect(fieldErrors(await refused(422, { field: "website", detail: "is too long" }))).toEqual({
    website: "is too long",
  });
  expect(fieldErrors(await refused(503, { field: "website", detail: "is too long" }))).toEqual({});
  expect(fieldErrors(new Error("?"))).toEqual({});
});
