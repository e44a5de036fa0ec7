import { expect, it } from "vitest";

import type { ConversationEvent } from "../api/types";
import { words } from "../words/i18n";
import { eventInWords } from "./event_words";

const say = (kind: string, detail: object = {}) =>
  eventInWords({ id: 1, at: "2025-11-21T10:00:00Z", kind, detail } as ConversationEvent, words.t);

it.each([
  ["postback", { title: "Start" }, "Pressed the button “\u2068Start\u2069”"],
  ["postback", {}, "Pressed a button"],
  ["referral", { ad_title: "Pho at noon" }, "Came from the ad “\u2068Pho at noon\u2069”"],
  ["referral", { ad_id: "7" }, "Came from an ad"],
  ["referral", { ref: "table-4" }, "Came by a link: \u2068table-4\u2069"],
  ["thread_control", { action: "passed" }, "Handed over to another app"],
  ["thread_control", { action: "taken" }, "Taken over by another app"],
  ["account_linking", { linked: false }, "Unlinked their account"],
  ["policy_enforcement", {}, "Happened on Facebook: \u2068policy enforcement\u2069"],
])("%s %j is %j", (kind, detail, expected) => {
  expect(say(kind, detail)).toBe(expected);
});

it("nothing in it turns the line", () => {
  expect(say("postback", { title: "a\u202eb\nc" })).toBe("Pressed the button “\u2068ab c\u2069”");
  expect(say("postback", { title: 7 })).toBe("Pressed a button");
  expect(say("referral", null as unknown as object)).toBe("Came by a link");
});
