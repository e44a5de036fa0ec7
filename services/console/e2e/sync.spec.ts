import type { Page } from "@playwright/test";

import { simulator } from "./simulator.ts";
import { expect, test } from "./test.ts";

const PAGE = "Phở Nhà Linh";

const rowOf = (page: Page, name: string) =>
  page.getByTestId("page-freshness").getByRole("listitem").filter({ hasText: name });

test.afterEach(async () => {
  await simulator.answersAfter(0);
  await simulator.refusesNothing();
});

test("everything is up to date, or it says what is not (C8)", async ({ page }) => {
  await page.goto("/sync");
  await expect(page.getByTestId("up-to-date")).toContainText("Everything is up to date");
  for (const name of [PAGE, "Smørrebrød & Søn", "Bánh Mì Express"]) {
    await expect(rowOf(page, name)).toContainText(/Up to date|Syncing now/u);
  }
  // Nothing was synced for two hours: said by the clock that the page has, of a Page as the gateway tells it.
  await page.route(/\/api\/connections\?limit=100$/u, async route => {
    const answer = await route.fetch();
    const list = (await answer.json()) as { data: { name: string; last_synced_at: string }[] };
    const old = new Date(Date.now() - 3 * 3_600_000).toISOString();
    const data = list.data.map(each =>
      each.name === PAGE ? { ...each, last_synced_at: old, active_run: null } : each,
    );
    await route.fulfill({ response: answer, json: { ...list, data } });
  });
  await page.reload();
  await expect(page.getByTestId("up-to-date")).toContainText("1 Page is behind");
  await expect(page.getByTestId("page-freshness").getByRole("listitem").first()).toContainText(PAGE);
});

test("a Page is synced when somebody asks, and its run tells what it did (C8)", async ({ page }) => {
  await simulator.answersAfter(150);
  await page.goto("/sync");
  await rowOf(page, PAGE).getByRole("button", { name: "Sync now" }).click();
  await rowOf(page, PAGE)
    .getByRole("link", { name: `Follow the sync of ⁨${PAGE}⁩` })
    .click();
  await expect(page).toHaveURL(/\/sync\/runs\/\d+$/u);
  await expect(page.getByRole("heading", { level: 1, name: `Everything · ${PAGE}` })).toBeVisible();
  await simulator.answersAfter(0);
  await expect(page.getByTestId("run-state")).toContainText("Done", { timeout: 60_000 });
  await expect(page.getByText("So far")).toHaveCount(0);
  const fact = (name: string) => page.locator("dt", { hasText: name }).locator("+ dd");
  await expect(fact("Calls to Facebook")).toHaveText(/^[1-9]/u);
  await expect(fact("Rows as before, not written")).toHaveText(/^[1-9]/u);
});

test("a run follows its own stream, without being asked again (C8)", async ({ page }) => {
  // Neither polling nor the tab's stream: what moves comes from the run's stream.
  await page.route("**/api/events", route => route.abort());
  await simulator.answersAfter(300);
  await page.goto("/sync");
  await rowOf(page, PAGE).getByRole("button", { name: "Sync now" }).click();
  await rowOf(page, PAGE).getByRole("link", { name: "Follow" }).click();
  await expect(page.getByTestId("run-state")).toContainText(/At work|Waiting/u);
  await page.route(/\/api\/sync-runs\/\d+$/u, () => {});
  await simulator.answersAfter(0);
  await expect(page.getByTestId("run-state")).toContainText("Done", { timeout: 60_000 });
});

test("only a part of a Page is synced (C8)", async ({ page }) => {
  await page.goto(`/sync?kind=details`);
  await rowOf(page, PAGE)
    .getByRole("button", { name: `Sync only a part of ⁨${PAGE}⁩` })
    .click();
  await page.getByRole("menuitem", { name: "Details only" }).click();
  const run = page.getByTestId("runs").getByRole("link").filter({ hasText: PAGE }).first();
  await expect(run).toContainText("Page details");
  await expect(run).toContainText("Done");
});

test("a run is canceled after saying what stays (C9)", async ({ page }) => {
  await simulator.answersAfter(1_500);
  await page.goto("/sync");
  await rowOf(page, "Smørrebrød & Søn").getByRole("button", { name: "Sync now" }).click();
  await rowOf(page, "Smørrebrød & Søn").getByRole("link", { name: "Follow" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  const dialog = page.getByRole("dialog", { name: "Cancel “Everything” of ⁨Smørrebrød & Søn⁩?" });
  await expect(dialog).toContainText("What was fetched so far stays.");
  await dialog.getByRole("button", { name: "Cancel the run" }).click();
  await expect(page.getByTestId("run-state")).toContainText("Canceled", { timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Cancel" })).toHaveCount(0);
});

test("a run that Facebook refuses is put aside, and ends well when somebody has it tried again (C9)", async ({
  page,
}) => {
  await simulator.refusesConversations("Bánh Mì Express");
  await page.goto("/sync");
  await rowOf(page, "Bánh Mì Express").getByRole("button", { name: "Sync now" }).click();
  // It is over in a moment: the Page's own line says so, as the list of runs does.
  const alert = rowOf(page, "Bánh Mì Express").getByRole("alert");
  await expect(alert).toContainText("It did not work.");
  const runs = page.getByTestId("runs").getByRole("link").filter({ hasText: "Bánh Mì Express" });
  await expect(runs.filter({ hasText: "Did not work" }).first()).toBeVisible();
  await alert.getByRole("link", { name: "What happened" }).click();
  await expect(page.getByText("It was tried as often as makes sense and was put aside.")).toBeVisible();
  const run = page.url();
  await page.goto("/sync/parked");
  await expect(page.getByTestId("parked").getByRole("listitem").filter({ hasText: "Bánh Mì Express" })).toHaveCount(1);
  await simulator.refusesNothing();
  await page.goto(run);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByTestId("run-state")).toContainText("Done", { timeout: 30_000 });
  await page.goto("/sync/parked");
  await expect(page.getByTestId("parked").getByRole("listitem").filter({ hasText: "Bánh Mì Express" })).toHaveCount(0);
});

test("the address keeps what is listed and how far plots look back (C8)", async ({ page }) => {
  await page.goto("/sync");
  await page.getByLabel("Kind", { exact: true }).selectOption({ label: "First sync" });
  await page.getByLabel("State", { exact: true }).selectOption({ label: "Done" });
  await expect(page).toHaveURL(/kind=first.*state=succeeded/u);
  await page.getByText("7 d", { exact: true }).click();
  await expect(page).toHaveURL(/range=7d/u);
  await page.reload();
  await expect(page.getByLabel("Kind", { exact: true })).toHaveValue("first");
  await expect(page.getByTestId("runs").getByRole("link").first()).toContainText("First sync");
  await expect(page.getByRole("radio", { name: "7 d" })).toBeChecked();
  await page.getByLabel("State", { exact: true }).selectOption({ label: "Canceled" });
  await expect(page.getByText("No run fits")).toBeVisible();
  await page.goBack();
  await expect(page.getByTestId("runs").getByRole("link").first()).toContainText("Done");
});

test("plots say their finding, and have a table behind them (C8, I3)", async ({ page }) => {
  await page.goto("/sync");
  await page.getByRole("heading", { name: "Figures" }).scrollIntoViewIfNeeded();
  const rows = page.getByRole("region", { name: "Does a sync find anything new?" });
  await expect(rows).toContainText(/[\d,]+ new and [\d,]+ changed of [\d,]+ rows/u);
  await rows.getByText("As a table").click();
  await expect(rows.getByRole("columnheader")).toHaveText(["Time", "New", "Changed", "As before, not written"]);
  await expect(rows.getByRole("row")).toHaveCount(26);
  await expect(page.getByRole("region", { name: "How near are Facebook’s limits?" })).toContainText(
    "All Pages together",
  );
});
