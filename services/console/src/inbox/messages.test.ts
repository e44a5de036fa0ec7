import { expect, it } from "vitest";

import type { Message, MessageList } from "../api/types";
import { mergeNewest, messagesOf } from "./messages";

const message = (id: number, second: number, text = `m${id}`): Message => ({
  id,
  mid: `mid.${id}`,
  from_page: false,
  sent_at: new Date(Date.parse("2025-11-21T10:00:00Z") + second * 1000).toISOString(),
  text,
  attachments: [],
  app_id: null,
  reply_to_mid: null,
  reactions: [],
});
const page = (data: Message[], next: string | null): MessageList => ({ data, next_cursor: next });
const texts = (pages: MessageList[]) => messagesOf(pages).map(({ text }) => text);

it("a new message comes last, and a late one at its time", () => {
  const pages = [page([message(3, 30), message(2, 20)], "a"), page([message(1, 10)], null)];
  const merged = mergeNewest(pages, page([message(5, 40), message(3, 30), message(4, 25)], "x"));
  expect(texts(merged)).toEqual(["m1", "m2", "m4", "m3", "m5"]);
  expect(merged.at(-1)?.next_cursor).toBeNull();
});

it("an edited message shows its new text", () => {
  const pages = [page([message(2, 20), message(1, 10)], null)];
  expect(texts(mergeNewest(pages, page([message(2, 20, "edited"), message(1, 10)], null)))).toEqual(["m1", "edited"]);
});

it("after a long gap the thread starts again from its newest messages", () => {
  const pages = [page([message(2, 20), message(1, 10)], null)];
  const newest = page([message(99, 990), message(98, 980)], "gap");
  expect(mergeNewest(pages, newest)).toEqual([newest]);
});

it("an empty thread takes what comes", () => {
  expect(texts(mergeNewest([page([], null)], page([message(1, 1)], null)))).toEqual(["m1"]);
});
