import { stack } from "./stack.ts";
import { expect, test } from "./test.ts";

test("an API key is shown once, works, and is refused once it is revoked (A11)", async ({ page, playwright }) => {
  await page.goto("/settings");
  const name = `Till ${Date.now()}`;
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Make the key" }).click();
  const key = (await page.getByTestId("new-api-key").innerText()).trim();
  expect(key).toMatch(/^pk_/u);
  await page.getByRole("button", { name: "I have copied it" }).click();
  await expect(page.getByText(key)).toHaveCount(0);

  const program = await playwright.request.newContext({
    baseURL: stack.gateway,
    extraHTTPHeaders: { authorization: `Bearer ${key}` },
    storageState: { cookies: [], origins: [] },
  });
  expect((await program.get("/api/conversations?limit=1")).status()).toBe(200);
  await page.getByTestId("api-keys").getByRole("listitem").filter({ hasText: name }).getByRole("button").click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke the key" }).click();
  await expect(page.getByTestId("api-keys").getByText(name)).toHaveCount(0);
  expect((await program.get("/api/conversations?limit=1")).status()).toBe(401);
  await program.dispose();
});

test("the account's name and time zone are changed, and times follow (A13)", async ({ page }) => {
  await page.goto("/settings");
  const name = page.getByLabel("Name of the account");
  await expect(name).not.toHaveValue("");
  await name.fill("");
  await expect(page.getByText("Give the account a name.")).toBeVisible();
  await name.fill("Linh’s restaurants");
  await page.getByRole("combobox", { name: "Time zone" }).click();
  await page.getByRole("combobox", { name: "Time zone" }).fill("Ho Chi Minh");
  await page.getByRole("option", { name: "Asia/Ho Chi Minh" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible();
  await expect(page.getByRole("button", { name: /Linh’s restaurants/u })).toBeVisible();
  await page.goto("/inbox");
  const time = page.getByRole("list", { name: "Conversations" }).locator("time").first();
  await expect(time).toHaveAttribute("title", /GMT\+7$/u);
});
