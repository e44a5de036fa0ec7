import { join } from "node:path";

import type { Page } from "@playwright/test";

import { expectAccessible } from "./accessibility.ts";
import { simulator } from "./simulator.ts";
import { expect, test } from "./test.ts";

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const SCHEMES = ["light", "dark"] as const;

const HOSTILE_NAME = "Z̸̡̛͓̻̀a̷͕͝l̵̰͝g̶̱̈́o̸̧͝ \u202egnp.exe <img src=x onerror=alert(1)>";
const HOSTILE_TEXT = `<script>alert(1)</script> \u202eturned ${"x".repeat(600)} https://example.com/\u202egpj.exe`;

interface Look {
  name: string;
  path: string;
  ready: (page: Page) => Promise<void>;
  before?: (page: Page) => Promise<unknown>;
}

const shows = (text: string | RegExp) => async (page: Page) => {
  await expect(page.getByText(text).first()).toBeVisible();
};
const failing = (pattern: RegExp) => (page: Page) =>
  page.route(pattern, route =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      body: JSON.stringify({
        type: "about:blank",
        title: "Service unavailable",
        status: 503,
        detail: "The database does not answer at the moment.",
        request_id: "01a1fca3-8d86-75d2-8213-5ab2d155415a",
      }),
    }),
  );
const never = (pattern: RegExp) => (page: Page) => page.route(pattern, () => {});
const empty = (pattern: RegExp) => (page: Page) =>
  page.route(pattern, route =>
    route.fulfill({ json: { data: [], next_cursor: null, previous_cursor: null, estimated_total: 0 } }),
  );
const openFirst = async (page: Page) => {
  await page.getByRole("list", { name: "Conversations" }).getByRole("link").first().click();
  await expect(page.getByTestId("thread").getByRole("article").first()).toBeVisible();
};
const openHostile = async (page: Page) => {
  await page
    .getByRole("list", { name: "Conversations" })
    .getByRole("link")
    .filter({ hasText: "onerror" })
    .first()
    .click();
  await expect(page.getByTestId("thread")).toContainText("<script>alert(1)</script>");
};

const openFirstConnection = async (page: Page) => {
  await page.getByRole("link", { name: "Phở Nhà Linh", exact: true }).click();
  await page.getByRole("heading", { name: "Times when the Page was not heard" }).scrollIntoViewIfNeeded();
};
/** The plots' code is fetched when they come into view. */
const syncIsWhole = async (page: Page) => {
  await expect(page.getByTestId("page-freshness").getByRole("listitem").first()).toBeVisible();
  // The plots are fetched when their place comes near.
  await page.getByRole("heading", { name: "Figures" }).scrollIntoViewIfNeeded();
  await page.getByRole("heading", { name: "Does a sync find anything new?" }).scrollIntoViewIfNeeded();
  await expect(page.locator(".recharts-surface").first()).toBeVisible();
};
const openFirstRun = async (page: Page) => {
  await page.getByTestId("runs").getByRole("link").first().click();
  await expect(page.getByText("Calls to Facebook")).toBeVisible();
};
const PARKED = {
  id: "webhooks:0197c1d2-7e2a-7b61-a7a5-0d2f6a1c9e11",
  queue: "webhooks",
  type: "webhook.bundle",
  page: { connection_id: 7, name: HOSTILE_NAME, page_id: "1122334455" },
  reason: `could not be stored: ${HOSTILE_TEXT}`,
  attempts: 5,
  first_failed_at: "2025-11-21T10:00:00Z",
  parked_at: "2025-11-21T10:00:00Z",
  size: 412,
  run_id: null,
};
/** What cannot be made to happen twice in one stack: a poisoned message with everything in it that could break a row. */
const parkedWork = async (page: Page) => {
  const sync = {
    ...PARKED,
    id: "commands.background:0197c1d2-7e2a-7b61-a7a5-0d2f6a1c9e12",
    queue: "commands.background",
    type: "sync.page",
    reason: "facebook_unavailable",
    run_id: 1,
    page: { name: "Phở Nhà Linh" },
  };
  const totals = { webhooks: 1, "commands.background": 1, quarantine: 0 };
  await page.route(/\/api\/parked\?/u, route =>
    route.fulfill({ json: { data: [PARKED, sync], next_cursor: null, totals, complete: false } }),
  );
  await page.route(/\/api\/parked\/webhooks/u, route =>
    route.fulfill({ json: { ...PARKED, content: { entries: [{ entry: HOSTILE_TEXT }] }, content_withheld: false } }),
  );
};
const openFirstParked = async (page: Page) => {
  await page.getByRole("button", { name: "Show the content" }).first().click();
  await expect(page.locator("pre")).toContainText("<script>");
};

/** On a phone the panel lies over the thread. */
const editCustomer = async (page: Page) => {
  await openFirst(page);
  const toggle = page.getByRole("button", { name: "About this customer" });
  if (await toggle.isVisible()) await toggle.click();
  await page.getByRole("complementary", { name: "Customer" }).getByRole("button", { name: "Edit" }).click();
  await expect(page.getByLabel("Notes")).toBeVisible();
};

const LOOKS: Look[] = [
  { name: "login", path: "/login", ready: shows("Continue with Facebook") },
  { name: "login-error", path: "/login?error=other_browser", ready: shows("another browser") },
  { name: "inbox", path: "/inbox", ready: page => expect(page.locator("[data-conversation]").first()).toBeVisible() },
  { name: "thread", path: "/inbox", ready: openFirst },
  { name: "hostile", path: "/inbox", ready: openHostile },
  { name: "search", path: "/inbox?q=a", ready: page => expect(page.getByTestId("search-results").getByRole("link").first()).toBeVisible() },
  { name: "search-error", path: "/inbox?q=a", before: failing(/\/api\/(contacts|messages\/search)\?/u), ready: shows("did not work") },
  { name: "customer", path: "/inbox", ready: editCustomer },
  { name: "inbox-loading", path: "/inbox", before: never(/\/api\/conversations/u), ready: page => expect(page.getByTestId("loading").first()).toBeAttached() },
  { name: "inbox-empty", path: "/inbox", before: empty(/\/api\/conversations\?/u), ready: shows("No conversations yet") },
  { name: "inbox-error", path: "/inbox", before: failing(/\/api\/conversations\?/u), ready: shows("could not be loaded") },
  { name: "connections", path: "/connections", ready: shows("Phở Nhà Linh") },
  { name: "connections-loading", path: "/connections", before: never(/\/api\/connections\?limit/u), ready: page => expect(page.getByTestId("loading").first()).toBeAttached() },
  { name: "connections-empty", path: "/connections", before: empty(/\/api\/connections\?/u), ready: shows("No Page is connected yet") },
  { name: "connections-error", path: "/connections", before: failing(/\/api\/connections\?limit/u), ready: shows("could not be loaded") },
  { name: "connection", path: "/connections", ready: openFirstConnection },
  { name: "sync", path: "/sync", ready: syncIsWhole },
  { name: "sync-loading", path: "/sync", before: never(/\/api\/connections\?limit/u), ready: page => expect(page.getByTestId("loading").first()).toBeAttached() },
  { name: "sync-empty", path: "/sync", before: empty(/\/api\/(connections|sync-runs)\?/u), ready: shows("No Page is connected yet") },
  { name: "sync-error", path: "/sync", before: failing(/\/api\/connections\?limit/u), ready: shows("could not be loaded") },
  { name: "run", path: "/sync", ready: openFirstRun },
  { name: "run-error", path: "/sync/runs/1", before: failing(/\/api\/sync-runs\/1/u), ready: shows("could not be loaded") },
  { name: "parked-empty", path: "/sync/parked", ready: shows("Nothing waits for you") },
  { name: "parked", path: "/sync/parked", before: parkedWork, ready: openFirstParked },
  { name: "parked-error", path: "/sync/parked", before: failing(/\/api\/parked/u), ready: shows("could not be loaded") },
  { name: "status", path: "/status", ready: shows("Everything works") },
  { name: "status-error", path: "/status", before: failing(/\/api\/health/u), ready: shows("could not be loaded") },
  { name: "settings", path: "/settings", ready: shows("Make a key") },
  { name: "settings-error", path: "/settings", before: failing(/\/api\/(account|api-keys)/u), ready: shows("could not be loaded") },
  { name: "nothing-here", path: "/nowhere", ready: shows("This is not here") },
]; // prettier-ignore

test.beforeAll(async () => {
  await simulator.customerWrites("Phở Nhà Linh", { customer_name: HOSTILE_NAME, text: HOSTILE_TEXT });
});

for (const scheme of SCHEMES) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    test.describe(`${size}, ${scheme}`, () => {
      test.use({ viewport, colorScheme: scheme, hasTouch: size === "phone", isMobile: size === "phone" });
      for (const { name, path, before, ready } of LOOKS) {
        test(`${name} is whole, readable for everybody, and keeps its place`, async ({ page }) => {
          await before?.(page);
          await page.goto(path);
          await ready(page);
          await settle(page);
          await picture(page, `${name}-${size}-${scheme}`);
          await expectAccessible(page);
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
        });
      }
    });
  }
}

/** Skeletons fade in after 150 ms. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(animation => animation.effect?.getComputedTiming().iterations !== Infinity)
        .map(animation => animation.finished.catch(() => {})),
    ),
  );
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.PAGEKEEPER_SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
}
