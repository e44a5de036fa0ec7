import { continueWithFacebook } from "./facebook.ts";
import { expect, test } from "./test.ts";

test.use({ storageState: { cookies: [], origins: [] } });

test("a Page whose role does not allow messages is listed with the reason and what to do (A9)", async ({ page }) => {
  await page.goto("/login");
  await continueWithFacebook(page, "Mia");
  const unconnected = page.getByTestId("unconnected-pages");
  await expect(unconnected).toContainText("Cykelhuset Aarhus", { timeout: 60_000 });
  await expect(unconnected).toContainText("Your role on this Page does not let you read its messages.");
  await expect(unconnected.getByRole("button", { name: "Look again" })).toBeVisible();
  await page.goto("/connections");
  await expect(page.getByTestId("unconnected-pages")).toContainText("Cykelhuset Aarhus");
});

test("someone without Pages is told what to do (A1)", async ({ page }) => {
  await page.goto("/login");
  await continueWithFacebook(page, "Noah");
  await expect(page.getByRole("heading", { name: "Facebook gave us no Pages" })).toBeVisible({ timeout: 60_000 });
  await page.getByRole("link", { name: "Open the inbox" }).click();
  await expect(page.getByText("Connect a Page to see its conversations here.")).toBeVisible();
});

test("someone who cancels in the dialog is told so, and can try again (A1)", async ({ page }) => {
  await page.goto("/login");
  await page.getByRole("link", { name: "Continue with Facebook" }).click();
  await page.getByRole("button", { name: "Continue as Noah" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page).toHaveURL(/\/login\?error=denied/u);
  await expect(page.getByRole("alert")).toContainText("You cancelled on Facebook");
  await expect(page.getByRole("link", { name: "Continue with Facebook" })).toBeVisible();
});
