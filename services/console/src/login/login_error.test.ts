import { expect, it } from "vitest";

import english from "../words/en.json";
import { loginError } from "./login_error";

/** What the gateway's callback may send. */
const CODES = [
  "denied", "state_missing", "state_invalid", "state_used", "other_browser", "expired", "code_used",
  "facebook_unavailable", "app_misconfigured",
]; // prettier-ignore

it.each(CODES)("%s has a sentence of its own that says what to do", code => {
  const sentence = english.login.errors[loginError(code)];
  expect(sentence).not.toBe(english.login.errors.unknown);
  expect(sentence.length).toBeGreaterThan(40);
});

it.each(["", "<script>", "constructor", "__proto__"])("%j is an unknown error", code => {
  expect(loginError(code)).toBe("unknown");
});
