import { readFileSync } from "node:fs";

import openapiTypescript, { astToString } from "openapi-typescript";

import { stack } from "./stack.ts";
import { expect, test } from "./test.ts";

test("the types of the API are those of the gateway that runs", async () => {
  const current = astToString(await openapiTypescript(new URL("/openapi.json", stack.gateway)));
  const ours = readFileSync(new URL("../src/api/schema.d.ts", import.meta.url), "utf8");
  // The command line writes a heading above what the library makes.
  expect(ours.endsWith(current), "run `npm run types` beside `cargo dev`").toBe(true);
});
