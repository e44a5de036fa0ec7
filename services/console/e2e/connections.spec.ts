import { allow, continueWithFacebook } from "./facebook.ts";
import { expect, test } from "./test.ts";

// Each login replaces the session it was made with: these tests have one of their own.
test.use({ storageState: { cookies: [], origins: [] } });
test.beforeEach(async ({ page }) => {
  await page.goto("/login");
  await continueWithFacebook(page, "Linh");
  await expect(page.getByRole("heading", { name: "Your Pages are connected" })).toBeVisible({ timeout: 60_000 });
});

const PAGE = "Bánh Mì Express";

test("a Page is disconnected after saying what stays, and connected again with its history (A12)", async ({ page }) => {
  await page.goto("/connections");
  await page.getByRole("link", { name: PAGE, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: PAGE })).toBeVisible();
  await page.getByRole("button", { name: "Disconnect" }).click();
  const dialog = page.getByRole("dialog", { name: `Disconnect ⁨${PAGE}⁩?` });
  await expect(dialog).toContainText("stay and can be read");
  await dialog.getByRole("button", { name: "Disconnect" }).click();
  await expect(page.getByText("New messages are not fetched. The history is kept.")).toBeVisible();

  await page.getByRole("link", { name: "Open its conversations" }).click();
  await expect(page.getByRole("list", { name: "Conversations" }).getByRole("link").first()).toBeVisible();

  await page.goBack();
  await page.getByRole("link", { name: "Connect again" }).click();
  await allow(page, "Linh");
  await expect(page).toHaveURL(/\/connect\/\d+/u);
  await expect(page.getByRole("listitem").filter({ hasText: PAGE })).toContainText(/Connected, \d+|Up to date/u, {
    timeout: 60_000,
  });
  await page.goto("/connections");
  await expect(page.getByTestId("connections").getByRole("listitem").filter({ hasText: PAGE })).toContainText(
    "Connected",
  );
});

test("looking for new Pages shows its progress (A1)", async ({ page }) => {
  await page.goto("/connections");
  await page.getByRole("button", { name: "Look for new Pages" }).click();
  await expect(page).toHaveURL(/\/connect\/\d+/u);
  await expect(page.getByRole("heading", { name: "Your Pages are connected" })).toBeVisible({ timeout: 60_000 });
});
