import type { Page } from "@playwright/test";

import { simulator } from "./simulator.ts";
import { stack } from "./stack.ts";
import { expect, test } from "./test.ts";

/** From the customer's tap to the agent's screen. */
const SOON_MS = 1_000;

const rowsOf = (page: Page) => page.getByRole("list", { name: "Conversations" }).getByRole("link");

async function openInbox(page: Page): Promise<void> {
  const streams = page.waitForResponse(response => response.url().endsWith("/api/events"));
  await page.goto("/inbox");
  await expect(rowsOf(page).first()).toBeVisible();
  await streams;
}

test("a customer's message appears within a second, at the top, without a reload (D4)", async ({ page }) => {
  await openInbox(page);
  const [customer] = (await simulator.customersOf("Smørrebrød & Søn")).slice(-1);
  const text = `Is the table by the window free? ${Date.now()}`;
  const sentAt = Date.now();
  await simulator.customerWrites("Smørrebrød & Søn", { psid: customer?.psid ?? "", text });
  await expect(rowsOf(page).first()).toContainText(text, { timeout: SOON_MS });
  console.log(`message on screen after ${Date.now() - sentAt} ms`);
});

test("what is written while the page is still opening appears too (D4)", async ({ page }) => {
  let open = () => {};
  const opened = new Promise<void>(resolve => (open = resolve));
  await page.route("**/api/events", async route => {
    await opened;
    await route.continue();
  });
  await page.goto("/inbox");
  await expect(rowsOf(page).first()).toBeVisible();
  const text = `Before the stream ${Date.now()}`;
  await simulator.customerWrites("Smørrebrød & Søn", { customer_name: "Early Bird", text });
  // Once its name is known, nothing else will be said of it.
  await expect
    .poll(async () => (await page.request.get("/api/conversations?limit=1")).text())
    .toMatch(new RegExp(`Early Bird.*${text}|${text}.*Early Bird`, "u"));
  open();
  await expect(rowsOf(page).first()).toContainText(text);
});

test("a new customer, writing on the simulator's phone, appears with a name (D2)", async ({ page, context }) => {
  await openInbox(page);
  const phone = await context.newPage();
  await phone.goto(stack.graph_sim);
  await phone.getByLabel("Page to write to").selectOption({ label: "Phở Nhà Linh" });
  await phone.getByRole("button", { name: "New customer" }).click();
  const name = `Astrid Holm ${Date.now() % 100_000}`;
  await phone.getByLabel("Customer's name").fill(name);
  await phone.getByLabel("Message", { exact: true }).fill("Hello from a phone");
  await phone.getByRole("button", { name: "Send", exact: true }).click();
  await expect(rowsOf(page).first()).toContainText("Hello from a phone");
  await expect(rowsOf(page).first()).toContainText(name);
});

test("the open thread follows, and what is seen is read (D3)", async ({ page }) => {
  const name = `Bo Lind ${Date.now() % 100_000}`;
  const { psid } = await simulator.customerWrites("Phở Nhà Linh", { customer_name: name, text: "First" });
  await openInbox(page);
  const row = rowsOf(page).filter({ hasText: name });
  await expect(row).toContainText("1");
  await row.click();
  const thread = page.getByTestId("thread");
  await expect(thread).toContainText("First");
  await expect(row.locator("[title$='unread message']")).toHaveCount(0);

  await simulator.customerWrites("Phở Nhà Linh", { psid, text: "Second" });
  await expect(thread).toContainText("Second", { timeout: SOON_MS });
  await expect(row.locator("[title$='unread message']")).toHaveCount(0);
});

test("a list that is scrolled does not move: it says how many are new (D4)", async ({ page }) => {
  await openInbox(page);
  const list = page.getByTestId("conversations");
  await list.evaluate(element => element.scrollTo({ top: 1_500 }));
  await page.waitForFunction(() => !document.querySelector("[data-testid=conversations] [data-testid=loading]"));
  const places = () =>
    list.evaluate(element =>
      [...element.querySelectorAll<HTMLElement>("[data-conversation]")].map(
        row => `${row.dataset["conversation"]} at ${row.getBoundingClientRect().top}`,
      ),
    );
  const before = await places();
  const name = `Carl Skov ${Date.now() % 100_000}`;
  await simulator.customerWrites("Phở Nhà Linh", { customer_name: name, text: "Anybody there?" });
  const news = page.getByRole("button", { name: "1 new" });
  await expect(news).toBeVisible();
  expect(await places()).toEqual(before);
  await news.click();
  await expect(rowsOf(page).first()).toContainText("Anybody there?");
});

test("after the connection was lost, what was missed is there (D4)", async ({ page, context }) => {
  await openInbox(page);
  await context.setOffline(true);
  const name = `Dea Friis ${Date.now() % 100_000}`;
  await simulator.customerWrites("Phở Nhà Linh", { customer_name: name, text: "Sent while you were away" });
  await context.setOffline(false);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await expect(rowsOf(page).filter({ hasText: "Sent while you were away" })).toBeVisible({ timeout: 45_000 });
});

test("J and K choose, Enter opens, Escape goes back to the same row", async ({ page }) => {
  await openInbox(page);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const first = rowsOf(page).first();
  await expect(first).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/inbox\/\d+$/u);
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/inbox$/u);
  await expect(first).toBeFocused();
});
