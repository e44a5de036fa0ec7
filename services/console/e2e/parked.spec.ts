import type { Page } from "@playwright/test";

import { simulator } from "./simulator.ts";
import { expect, test } from "./test.ts";

const rows = (page: Page) => page.getByTestId("parked").getByRole("listitem");

/** What the gateway has, not what a page has read already. */
async function waiting(page: Page): Promise<number> {
  const answer = await page.request.get("/api/parked");
  return ((await answer.json()) as { data: unknown[] }).data.length;
}

test.beforeEach(async ({ page }) => {
  const headers = { "X-Pagekeeper-Csrf": "1" };
  await page.request.post("/api/parked/drop", { headers, data: { all: true } });
  await simulator.sendsNonsense("Phở Nhà Linh");
  await simulator.sendsNonsense("Smørrebrød & Søn");
  await expect.poll(() => waiting(page)).toBe(2);
});

test("what did not work is counted on the rail, and shown with why and what is in it (C9)", async ({ page }) => {
  await page.goto("/sync");
  await expect(page.getByTitle("2 things did not work and wait")).toBeVisible();
  await page.getByRole("link", { name: "See what" }).click();
  await expect(page).toHaveURL(/\/sync\/parked$/u);
  await expect(page.getByRole("heading", { name: "2 things wait for you" })).toBeVisible();
  const row = rows(page).filter({ hasText: "Phở Nhà Linh" });
  await expect(row).toContainText("News that could not be stored");
  await expect(row).toContainText("not_understood");
  await row.getByRole("button", { name: "Show the content" }).click();
  await expect(row.locator("pre")).toContainText('"entries"');
});

test("one is dropped after its name is asked about; what is tried again comes back if it still fails (C9)", async ({
  page,
}) => {
  await page.goto("/sync/parked");
  const named = "News from Facebook, ⁨Phở Nhà Linh⁩";
  await rows(page)
    .first()
    .getByRole("button", { name: /Try again/u })
    .click();
  await expect(page.getByRole("status").filter({ hasText: "1 is tried again." })).toBeVisible();
  await expect.poll(() => waiting(page)).toBe(2);
  await page.reload();
  await page.getByRole("button", { name: `Drop: ${named}` }).click();
  const dialog = page.getByRole("dialog", { name: `Drop ${named}?` });
  await expect(dialog).toContainText("This cannot be undone.");
  await dialog.getByRole("button", { name: "Keep" }).click();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("button", { name: `Drop: ${named}` }).click();
  await dialog.getByRole("button", { name: "Drop" }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByRole("heading", { name: "1 thing waits for you" })).toBeVisible();
});

test("the address keeps the filter, and all that fit it are dropped together (C9)", async ({ page }) => {
  await page.goto("/sync/parked");
  await page.getByLabel("Page", { exact: true }).selectOption({ label: "Smørrebrød & Søn" });
  await expect(page).toHaveURL(/page=\d+/u);
  await expect(rows(page)).toHaveCount(1);
  await page.getByLabel("Reason contains").fill("no such reason");
  await expect(page.getByText("Nothing fits")).toBeVisible();
  await page.getByLabel("Reason contains").fill("not_under");
  await expect(rows(page)).toHaveCount(1);
  await page.reload();
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Drop all that fit" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Drop" }).click();
  await expect(page.getByText("Nothing fits")).toBeVisible();
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(rows(page)).toHaveCount(1);
});

test("those that are selected are dropped together, and then nothing waits (C9)", async ({ page }) => {
  await page.goto("/sync/parked");
  await expect(rows(page)).toHaveCount(2);
  await page.getByLabel("Select all that are shown").check();
  await page.getByRole("button", { name: "Drop", exact: true }).first().click();
  const dialog = page.getByRole("dialog", { name: "Drop 2 things?" });
  await dialog.getByRole("button", { name: "Drop" }).click();
  await expect(page.getByText("Nothing waits for you")).toBeVisible();
  await page.goto("/sync");
  await expect(page.getByTitle("things did not work")).toHaveCount(0);
});
