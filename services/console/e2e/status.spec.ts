import { expect, test } from "./test.ts";

test("the status says in words that everything works (I1)", async ({ page }) => {
  await page.goto("/status");
  await expect(page.getByText("Everything works")).toBeVisible();
  for (const check of ["database", "broker", "facebookPages", "tokenExpiration", "conversations", "sync"]) {
    await expect(page.getByTestId(`check-${check}`)).toContainText("OK");
  }
});
