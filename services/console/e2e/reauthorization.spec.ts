import { allow, continueWithFacebook } from "./facebook.ts";
import { simulator } from "./simulator.ts";
import { expect, test } from "./test.ts";

test.use({ storageState: { cookies: [], origins: [] } });

test("a Page whose token died asks for a new login, says why, and goes on after it (A1, D2)", async ({ page }) => {
  await page.goto("/login");
  await continueWithFacebook(page, "Mia");
  await expect(page.getByRole("heading", { name: "Your Pages are connected" })).toBeVisible({ timeout: 60_000 });
  await page.goto("/connections");
  const connections = page.getByTestId("connections").getByRole("listitem");
  const name = (await connections.first().getByRole("link").first().textContent()) ?? "";
  await page.goto("/inbox");

  await simulator.changesPassword("Mia Østergaard");
  await simulator.customerWrites(name, { customer_name: "Ada Lovelace", text: "Is anybody there?" });
  const banner = page.getByRole("status").filter({ hasText: "no longer connected" });
  await expect(banner).toBeVisible({ timeout: 30_000 });
  await banner.getByRole("link", { name: "See what to do" }).click();
  await expect(page.getByText("changed their Facebook password")).toBeVisible();
  await page.getByRole("link", { name: "Log in with Facebook again" }).click();
  await allow(page, "Mia");
  await expect(page.getByRole("heading", { name: "Your Pages are connected" })).toBeVisible({ timeout: 60_000 });

  await page.goto("/inbox");
  await expect(page.getByText("Ada Lovelace").first()).toBeVisible({ timeout: 30_000 });
  await expect(banner).toBeHidden();
});
