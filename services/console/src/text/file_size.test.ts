import { expect, it } from "vitest";

import { fileSize } from "./file_size";

it.each([
  [0, "0 byte"],
  [999, "999 byte"],
  [340_000, "340 kB"],
  [1_230_000, "1.2 MB"],
  [7e12, "7,000 GB"],
])("%i bytes are %j", (bytes, words) => {
  expect(fileSize(bytes, "en-GB")).toBe(words);
});
