import { expect, it } from "vitest";

import type { ConnectionReason, ConnectionState } from "../api/types";
import english from "../words/en.json";
import { remedyFor, remedyOf, STATE_TONES } from "./reasons";

const REASONS = Object.keys(english.reasons) as ConnectionReason[];

it("every reason that the gateway may give has a sentence", () => {
  const known: Record<ConnectionReason, string> = english.reasons;
  expect(Object.values(known).every(sentence => sentence.endsWith("."))).toBe(true);
});

it.each(REASONS)("%s says what to do, and its button fits to the sentence", reason => {
  const sentence = english.reasons[reason];
  switch (remedyOf(reason)) {
    case "grant":
      expect(sentence).toMatch(/grant|tick/iu);
      break;
    case "log_in":
      expect(sentence).toMatch(/log in/iu);
      break;
    case "open_facebook":
      expect(sentence).toMatch(/open facebook/iu);
      break;
    case "look_again":
      expect(sentence).toMatch(/look for new pages/iu);
      break;
    case "none":
      expect(sentence).toMatch(/ask the person/iu);
  }
});

it("only what somebody must act on is red", () => {
  const red = (Object.keys(STATE_TONES) as ConnectionState[]).filter(state => STATE_TONES[state] === "act");
  expect(red).toEqual(["reauthorization_required"]);
});

it("a connection that works asks for nothing", () => {
  expect(remedyFor({ state: "connected", reason: null })).toBe("none");
  expect(remedyFor({ state: "reauthorization_required", reason: null })).toBe("log_in");
  expect(remedyFor({ state: "reauthorization_required", reason: "checkpoint" })).toBe("open_facebook");
});

it("a reason of a newer gateway still has a button", () => {
  expect(remedyOf("moon_phase" as ConnectionReason)).toBe("look_again");
});
