import { continueWithFacebook } from "./facebook.ts";
import { sessionFile } from "./stack.ts";
import { expect, test } from "./test.ts";

test("a newcomer logs in with Facebook, sees the Pages connect, and finds the inbox filled (A1)", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/login/u);
  await expect(page.getByTestId("demo-people")).toContainText("Linh Trần");
  await continueWithFacebook(page, "Linh");

  await expect(page).toHaveURL(/\/connect\/\d+/u);
  for (const name of ["Phở Nhà Linh", "Smørrebrød & Søn", "Bánh Mì Express"]) {
    await expect(page.getByRole("listitem").filter({ hasText: name })).toContainText(
      /Connected, \d+ conversations|Up to date/u,
      {
        timeout: 60_000,
      },
    );
  }
  await expect(page.getByRole("heading", { name: "Your Pages are connected" })).toBeVisible();

  await page.getByRole("link", { name: "Open the inbox" }).click();
  await expect(page).toHaveURL(/\/inbox$/u);
  const rows = page.getByRole("list", { name: "Conversations" }).getByRole("link");
  await expect(rows.nth(10)).toBeVisible();
  await rows.first().click();
  await expect(page.getByTestId("thread").getByRole("article").first()).toBeVisible();
  await page.context().storageState({ path: sessionFile });
});
