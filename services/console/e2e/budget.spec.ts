import { gzipSync } from "node:zlib";

import type { Page, Route } from "@playwright/test";

import { expect, test } from "./test.ts";

const FIRST_ROUTE_BYTES = 250_000;
const DEEPEST_WATERFALL = 2;

for (const place of ["/login", "/inbox", "/connections", "/sync/parked", "/status", "/settings"]) {
  test(`${place} needs less than 250 kB of gzipped JavaScript`, async ({ page }) => {
    const scripts: Promise<number>[] = [];
    page.on("response", response => {
      if (new URL(response.url()).pathname.endsWith(".js")) {
        scripts.push(response.body().then(body => gzipSync(body).length));
      }
    });
    await page.goto(place);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const total = (await Promise.all(scripts)).reduce((sum, size) => sum + size, 0);
    console.log(`${place}: ${(total / 1000).toFixed(0)} kB in ${scripts.length} files`);
    expect(total).toBeLessThan(FIRST_ROUTE_BYTES);
  });
}

test("what draws plots is fetched when plots are looked at, and not before", async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 400 });
  let bytes = 0;
  page.on("response", async response => {
    if (new URL(response.url()).pathname.endsWith(".js")) bytes += gzipSync(await response.body()).length;
  });
  await page.goto("/sync");
  await expect(page.getByTestId("page-freshness").getByRole("listitem").first()).toBeVisible();
  await page.waitForLoadState("load");
  expect(bytes).toBeLessThan(FIRST_ROUTE_BYTES);
  const before = bytes;
  await page.getByRole("heading", { name: "Figures" }).scrollIntoViewIfNeeded();
  await expect(page.locator(".recharts-surface").first()).toBeVisible();
  console.log(`/sync: ${(before / 1000).toFixed(0)} kB, and ${((bytes - before) / 1000).toFixed(0)} kB for its plots`);
  expect(bytes).toBeGreaterThan(before);
});

test("an opened conversation waits for no more than two requests in a row", async ({ page }) => {
  await page.goto("/inbox");
  const row = page.getByRole("list", { name: "Conversations" }).getByRole("link").first();
  const address = await row.getAttribute("href");
  const release = await holdAnswers(page);
  await page.goto(address ?? "");
  for (let wave = 1; wave <= DEEPEST_WATERFALL; wave++) await release();
  await expect(page.getByTestId("thread").getByRole("article").first()).toBeVisible({ timeout: 2_000 });
  await expect(page.getByRole("list", { name: "Conversations" }).getByRole("link").first()).toBeVisible();
  await expect(page.getByRole("complementary", { name: "Customer" })).toContainText("Page-scoped id");
});

/** Holds all answers of the API back; each call of the result lets those through that are asked for by then. */
async function holdAnswers(page: Page): Promise<() => Promise<void>> {
  let held: Route[] = [];
  let askedAt = Date.now();
  await page.route(/\/api\/(?!events)/u, route => {
    held.push(route);
    askedAt = Date.now();
  });
  return async () => {
    await expect.poll(() => held.length > 0 && Date.now() - askedAt > 700, { intervals: [50] }).toBe(true);
    const wave = held;
    held = [];
    await Promise.all(wave.map(route => route.continue()));
  };
}
