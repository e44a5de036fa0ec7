import type { Page } from "@playwright/test";

import { simulator } from "./simulator.ts";
import { expect, test } from "./test.ts";

const PAGE = "Phở Nhà Linh";

/** A customer who wrote, with the thread open. */
async function openThread(page: Page, text: string): Promise<{ psid: string; mid: string }> {
  const name = `Ida Krogh ${Date.now() % 1_000_000}`;
  const written = await simulator.customerWrites(PAGE, { customer_name: name, text });
  const mid = written.messages[0]?.mid ?? "";
  await page.goto("/inbox");
  await page.getByRole("list", { name: "Conversations" }).getByRole("link").filter({ hasText: name }).click();
  await expect(page.getByTestId("thread")).toContainText(text);
  return { psid: written.psid, mid };
}

test("a message that is written anew says so, with its reactions; one that is taken back is gone (D6)", async ({
  page,
}) => {
  const { mid } = await openThread(page, "Two noodle soups");
  const thread = page.getByTestId("thread");
  await simulator.changes(PAGE, mid, { text: "Three noodle soups" });
  await expect(thread).toContainText("Three noodle soups");
  await expect(thread).toContainText("edited");
  await simulator.changes(PAGE, mid, { reaction: "❤️" });
  await expect(thread.getByRole("img", { name: "The Page’s reaction: ❤️" })).toBeVisible();
  await simulator.changes(PAGE, mid, { deleted: true });
  await expect(thread).toContainText("The customer took this message back");
  await expect(thread).not.toContainText("noodle soups");
});

test("what happened beside messages stands between them, and the Page's last message says that it was seen (D6)", async ({
  page,
}) => {
  const { psid } = await openThread(page, "Is the kitchen open?");
  const thread = page.getByTestId("thread");
  await simulator.customerActs(PAGE, psid, { postback: { title: "Opening hours", payload: "HOURS" } });
  await expect(thread.getByTestId("happened")).toContainText("Pressed the button “⁨Opening hours⁩”");
  await simulator.pageReplies(PAGE, { psid, text: "Until ten tonight" });
  await expect(thread).toContainText("Until ten tonight");
  await simulator.customerActs(PAGE, psid, { read: {} });
  const reply = thread.getByRole("article").filter({ hasText: "Until ten tonight" });
  await expect(reply).toContainText("Seen");
});
