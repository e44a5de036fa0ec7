import type { Page } from "@playwright/test";

/** Goes through the simulated dialog as a person, from the sign-in page to the connect page. */
export async function continueWithFacebook(page: Page, firstName: string): Promise<void> {
  await page.getByRole("link", { name: "Continue with Facebook" }).click();
  await allow(page, firstName);
}

/** In Facebook's dialog: who one is, and everything that is asked for. */
export async function allow(page: Page, firstName: string): Promise<void> {
  await page.getByRole("button", { name: `Continue as ${firstName}` }).click();
  await page.getByRole("button", { name: "Allow" }).click();
}
