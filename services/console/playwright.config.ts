import { defineConfig } from "@playwright/test";

import { sessionFile, stack } from "./e2e/stack.ts";

/**
 * Against a running stack: `cargo dev test --only browser` starts one and calls this. By hand, beside `cargo dev --fresh`:
 * `PAGEKEEPER_STACK=../../.dev/stack.json npm run e2e`.
 */
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  // One account on one stack: the tests are chapters of one story.
  workers: 1,
  fullyParallel: false,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    baseURL: stack.gateway,
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.PAGEKEEPER_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "first login", testMatch: "first_login.spec.ts" },
    {
      name: "every day",
      testIgnore: "first_login.spec.ts",
      dependencies: ["first login"],
      use: { storageState: sessionFile },
    },
  ],
});
