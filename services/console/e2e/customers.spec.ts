import type { Page } from "@playwright/test";

import { simulator } from "./simulator.ts";
import { expect, test } from "./test.ts";

const PAGE = "Phở Nhà Linh";

/** A customer who wrote, with the thread open. */
async function openCustomer(page: Page, text: string): Promise<string> {
  const name = `Freja Holm ${Date.now() % 1_000_000}`;
  await simulator.customerWrites(PAGE, { customer_name: name, text });
  await page.goto("/inbox");
  await page.getByRole("list", { name: "Conversations" }).getByRole("link").filter({ hasText: name }).click();
  await expect(page.getByTestId("thread")).toContainText(text);
  return name;
}

const panelOf = (page: Page) => page.getByRole("complementary", { name: "Customer" });

test("what is known of a customer is written down, and stays (E3)", async ({ page }) => {
  await openCustomer(page, "A table for four, please");
  const panel = panelOf(page);
  await panel.getByRole("button", { name: "Edit" }).click();
  await panel.getByLabel("Email").fill("not an address");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(panel.getByLabel("Email")).toHaveAttribute("aria-invalid", "true");
  await panel.getByLabel("Email").fill("freja@example.dk");
  await panel.getByRole("combobox", { name: "Tags" }).fill("vegan");
  await panel.getByRole("combobox", { name: "Tags" }).press("Enter");
  await panel.getByLabel("Notes").fill("Sits by the window.");
  await panel.getByRole("button", { name: "Add a field" }).click();
  await panel.getByLabel("Name", { exact: true }).fill("Size");
  await panel.getByLabel("Value of Size").fill("M");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(panel.getByRole("button", { name: "Edit" })).toBeVisible();
  await page.reload();
  for (const known of ["freja@example.dk", "vegan", "Sits by the window.", "Size"]) {
    await expect(panel).toContainText(known);
  }
});

test("who edits a customer at the same time as somebody else is told what they changed, and loses nothing (E3)", async ({
  page,
}) => {
  await openCustomer(page, "Do you deliver?");
  const panel = panelOf(page);
  await panel.getByRole("button", { name: "Edit" }).click();
  await panel.getByLabel("Notes").fill("Lives around the corner.");
  const conversation = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  const read = await page.request.get(`/api/conversations/${conversation}`);
  const { contact } = (await read.json()) as { contact: { id: number } };
  await page.request.put(`/api/facebook/contacts/${contact.id}/update-in-system`, {
    headers: { "X-Pagekeeper-Csrf": "1" },
    data: { notes: "Third floor.", phone: "+45 12 34 56 78" },
  });
  await panel.getByRole("button", { name: "Save" }).click();
  const told = panel.getByRole("alert");
  await expect(told).toContainText("Someone else edited this customer meanwhile");
  await expect(told).toContainText("Third floor.");
  await expect(panel.getByLabel("Notes")).toHaveValue("Lives around the corner.");
  await expect(panel.getByLabel("Phone")).toHaveValue("+45 12 34 56 78");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(panel.getByRole("button", { name: "Edit" })).toBeVisible();
  await expect(panel).toContainText("Lives around the corner.");
  await expect(panel).toContainText("+45 12 34 56 78");
});

test("customers and messages are found, and the address keeps what is searched for (E5)", async ({ page }) => {
  const word = `quincequark${Date.now() % 100_000}`;
  const name = await openCustomer(page, `Do you have ${word} today?`);
  await page.goto("/inbox");
  await expect(page.getByRole("list", { name: "Conversations" }).getByRole("link").first()).toBeVisible();
  await page.keyboard.press("/");
  const field = page.getByRole("searchbox", { name: "Search customers and messages" });
  await expect(field).toBeFocused();
  await field.fill(word);
  await expect(page).toHaveURL(new RegExp(`q=${word}`, "u"));
  const results = page.getByTestId("search-results");
  // A new message is found within seconds.
  await expect(async () => {
    await page.reload();
    await expect(results.locator("mark")).toHaveText(word, { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await field.blur();
  await page.keyboard.press("j");
  await expect(results.getByRole("link").filter({ hasText: word })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("thread")).toContainText(word);
  await expect(results.getByRole("link").first()).toHaveAttribute("aria-current", /true|page/u);
  await field.fill(name);
  await expect(results.getByRole("region", { name: "Customers" })).toContainText(name);
  await field.fill("zzzznothing");
  await expect(page.getByText("Nothing found")).toBeVisible();
  await field.press("Escape");
  await expect(page.getByRole("list", { name: "Conversations" }).getByRole("link").first()).toBeVisible();
});
