import type { Page } from "@playwright/test";

import { allow, continueWithFacebook } from "./facebook.ts";
import { simulator } from "./simulator.ts";
import { expect, test } from "./test.ts";

/** The Page that Omar alone has. */
const PAGE = "Café Aleppo";

async function untilConnected(page: Page): Promise<void> {
  const row = page.getByRole("listitem").filter({ hasText: PAGE });
  await expect(row).toContainText(/Connected, \d+|Up to date/u, { timeout: 60_000 });
}

test.use({ storageState: { cookies: [], origins: [] } });

test("a Page whose token died asks for a new login, says why, and goes on after it (A1, D2)", async ({ page }) => {
  await page.goto("/login");
  await continueWithFacebook(page, "Omar");
  await untilConnected(page);
  await page.goto("/inbox");

  await simulator.changesPassword("Omar Haddad");
  await simulator.customerWrites(PAGE, { customer_name: "Ada Lovelace", text: "Is anybody there?" });
  const banner = page.getByRole("status").filter({ hasText: "no longer connected" });
  await expect(banner).toBeVisible({ timeout: 30_000 });
  await banner.getByRole("link", { name: "See what to do" }).click();
  await expect(page.getByText("changed their Facebook password")).toBeVisible();
  await page.getByRole("link", { name: "Log in with Facebook again" }).click();
  await allow(page, "Omar");
  await untilConnected(page);

  await page.goto("/inbox");
  await expect(page.getByText("Ada Lovelace").first()).toBeVisible({ timeout: 30_000 });
  await expect(banner).toBeHidden();
});
