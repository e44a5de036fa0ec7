import { expect, it } from "vitest";

import { readHint } from "./hints";

it("reads the gateway's events", () => {
  expect(readHint("conversation", '{"conversation_ids":[7,8],"version":3}')).toEqual({
    kind: "conversations",
    ids: [7, 8],
  });
  expect(readHint("connection", '{"connection_id":4}')).toEqual({ kind: "connection", id: 4 });
  expect(readHint("run", '{"run_id":5,"parent_run_id":null,"ended":true}')).toEqual({
    kind: "run",
    id: 5,
    parentId: null,
    ended: true,
  });
});

it.each([
  ["resync", "{}"],
  ["conversation", "not json"],
  ["run", "null"],
  ["something new", '{"a":1}'],
])("%s %s makes everything be read again", (name, data) => {
  expect(readHint(name, data)).toEqual({ kind: "resync" });
});
