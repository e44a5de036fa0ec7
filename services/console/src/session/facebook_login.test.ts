import { expect, it } from "vitest";

import { facebookLoginUrl, pathOfOurs } from "./facebook_login";

it.each(["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "", "/login?error=x"])(
  "nobody is sent to %j after a login",
  path => {
    expect(pathOfOurs(path)).toBe("/inbox");
  },
);

it("a login comes back to where one was, with filters", () => {
  expect(facebookLoginUrl("/inbox/12?unread=true")).toBe(
    "/auth/facebook/login?return_to=%2Finbox%2F12%3Funread%3Dtrue",
  );
});
