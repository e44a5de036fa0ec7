import { allow, continueWithFacebook } from "./facebook.ts";
import { expect, test } from "./test.ts";

test.use({ storageState: { cookies: [], origins: [] } });

test("logging out ends the session, and signing in again comes back (A11)", async ({ page }) => {
  await page.goto("/login");
  await continueWithFacebook(page, "Noah");
  await expect(page).toHaveURL(/\/connect\/\d+/u);
  await page.getByRole("button", { name: /switch, shortcuts, log out/u }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(page.getByText("You are logged out.")).toBeVisible();
  expect((await page.request.get("/api/me")).status()).toBe(401);
});

test("an ended session leads to the sign-in and remembers where one was (A11)", async ({ page, context }) => {
  await page.goto("/login");
  await continueWithFacebook(page, "Noah");
  await expect(page).toHaveURL(/\/connect\/\d+/u);
  await page.goto("/settings");
  await expect(page.getByLabel("Name of the account")).toBeVisible();
  await context.clearCookies();
  // This click finds out, unless the page has asked something by itself meanwhile: then the link is gone.
  const click = page.getByRole("link", { name: "Connections" }).click({ timeout: 3_000 });
  await click.catch(() => undefined);
  await expect(page.getByText("Your session ended.")).toBeVisible();
  const login = page.getByRole("link", { name: "Continue with Facebook" });
  await expect(login).toHaveAttribute("href", /^\/auth\/facebook\/login\?return_to=%2F(connections|settings)$/u);
  await login.click();
  await allow(page, "Noah");
  await expect(page).toHaveURL(/\/(connect\/\d+|connections)/u);
});
