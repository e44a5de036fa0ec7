import { expect, test } from "./test.ts";

const PAGE = "Smørrebrød & Søn";

test("what the Page says of itself is written to Facebook; what Facebook refuses is said beside its field (E1)", async ({
  page,
}) => {
  await page.goto("/connections");
  await page.getByRole("link", { name: PAGE, exact: true }).click();
  await page.getByRole("button", { name: "Edit on Facebook" }).click();
  const dialog = page.getByRole("dialog", { name: `Edit ⁨${PAGE}⁩ on Facebook` });
  const about = `Open sandwiches since ${1900 + (Date.now() % 100)}`;
  await dialog.getByLabel("Description").fill(about);
  await dialog.getByLabel("Website").fill("not an address");
  await dialog.getByRole("button", { name: "Save on Facebook" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await expect(dialog.getByLabel("Website")).toHaveAttribute("aria-invalid", "true");
  // What was typed is kept.
  await expect(dialog.getByLabel("Description")).toHaveValue(about);
  await dialog.getByLabel("Website").fill("https://smoer.example");
  await dialog.getByRole("button", { name: "Save on Facebook" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(about)).toBeVisible();
  await expect(page.getByText("https://smoer.example")).toBeVisible();
});

test("times when the Page was not heard are told with what was fetched and whether it is subscribed again (K4)", async ({
  page,
}) => {
  await page.goto("/connections");
  await page.getByRole("link", { name: PAGE, exact: true }).click();
  await expect(page.getByRole("heading", { name: "Times when the Page was not heard" })).toBeVisible();
  // A Page counts as not heard after minutes of silence, longer than a test may wait: the worker's tests make it happen.
  const incident = {
    id: 3,
    kind: "unsubscribed",
    found_at: new Date(Date.now() - 5 * 60_000).toISOString(),
    heard_at: null,
    happened_at: new Date(Date.now() - 15 * 60_000).toISOString(),
    conversations: 2,
    messages: 5,
    subscribed_again: true,
  };
  await page.route(/\/incidents$/u, route =>
    route.fulfill({ json: { data: [incident, { ...incident, id: 2, kind: "silent", subscribed_again: false }] } }),
  );
  await page.reload();
  const rows = page.getByTestId("incidents").getByRole("listitem");
  await expect(rows.first()).toContainText("Facebook had stopped sending this Page’s news.");
  await expect(rows.first()).toContainText("5 messages in 2 conversations were missed, and fetched.");
  await expect(rows.first()).toContainText("Subscribed again");
  await expect(rows.last()).toContainText("Facebook said that it sends this Page’s news, and sent none.");
});
