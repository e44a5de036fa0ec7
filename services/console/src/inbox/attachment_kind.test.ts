import { expect, it } from "vitest";

import { attachmentKind } from "./attachment_kind";

it.each([
  ["image", null, "image"],
  ["file", "application/pdf", "file"],
  ["file", "audio/mpeg", "audio"],
  ["", "image/jpeg", "image"],
  ["sticker", "image/png", "sticker"],
  ["hint", null, "other"],
  ["hologram", null, "other"],
])("type %j with MIME type %j is called %s", (type, mime, kind) => {
  expect(attachmentKind({ type, mime_type: mime })).toBe(kind);
});
