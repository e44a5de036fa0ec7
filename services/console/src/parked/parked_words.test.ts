import { expect, it } from "vitest";

import type { ParkedEntry } from "../api/types";
import { words } from "../words/i18n";
import { namedInWords, queueInWords, reasonInWords, typeInWords } from "./parked_words";
import { asSelection, isFiltered, sumOf } from "./queries";

const t = words.t;

it.each([
  ["webhooks", "News from Facebook"],
  ["webhooks.3", "News from Facebook, part 4"],
  ["commands.background", "Syncs in the background"],
  ["commands.interactive", "Syncs that somebody waits for"],
  ["quarantine", "News that could not be stored"],
  ["mail", "Other work: mail"],
])("the queue %s is called %j (C9)", (queue, called) => {
  expect(queueInWords(queue, t)).toBe(called);
});

it.each([
  ["webhook.bundle", "News from Facebook"],
  ["webhook.entry", "News from Facebook"],
  ["sync.page", "A sync"],
  ["sync.connect_pages", "Connecting Pages"],
  ["sync.disconnect_page", "Disconnecting a Page"],
  ["mail.send", "Work"],
])("%s is %j", (type, called) => {
  expect(typeInWords(type, t)).toBe(called);
});

it("a question names the Page, and no name turns the words around it", () => {
  const entry = (name: string | null) => ({ type: "sync.page", page: { name } }) as ParkedEntry;
  expect(namedInWords(entry("Café \u202eNord"), t)).toBe("A sync, \u2068Café Nord\u2069");
  expect(namedInWords(entry(null), t)).toBe("A sync");
});

it("a reason is one line", () => {
  expect(reasonInWords({ reason: "could not\nbe stored" }, t)).toBe("could not be stored");
  expect(reasonInWords({ reason: "" }, t)).toBe("Without a reason");
});

it("the address is the gateway's filter", () => {
  expect(asSelection({ page: 7, reason: " stored ", age: "1d" })).toEqual({
    page: "7",
    reason: "stored",
    older_than: "1d",
  });
  expect(isFiltered({ reason: " " })).toBe(false);
  expect(isFiltered({ queue: "webhooks" })).toBe(true);
});

it("what waits is the sum of all queues", () => {
  expect(sumOf({ webhooks: 3, quarantine: 2 })).toBe(5);
  expect(sumOf({})).toBe(0);
});
