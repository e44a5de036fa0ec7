import { expect, it } from "vitest";

import type { ConversationEvent, Message } from "../api/types";
import { timelineOf } from "./timeline";

const message = (id: number, sentAt: string, fromPage = false): Message => ({
  id,
  mid: `mid.${id}`,
  from_page: fromPage,
  sent_at: sentAt,
  text: "x",
  attachments: [],
  app_id: null,
  reply_to_mid: null,
  reactions: [],
});

const shape = (messages: Message[], timeZone: string) =>
  timelineOf(messages, { locale: "en-GB", timeZone }).map(item =>
    item.kind !== "message" ? item.key : `${item.message.id}${item.isFirst ? "<" : ""}${item.isLast ? ">" : ""}`,
  );

it("a day begins at midnight of the account's time zone", () => {
  const messages = [message(1, "2025-11-20T22:59:00Z"), message(2, "2025-11-20T23:01:00Z")];
  expect(shape(messages, "Europe/Copenhagen")).toEqual(["day-2025-11-20", "1<>", "day-2025-11-21", "2<>"]);
  expect(shape(messages, "UTC")).toEqual(["day-2025-11-20", "1<", "2>"]);
});

it("messages of one side within five minutes are one group", () => {
  const messages = [
    message(1, "2025-11-20T10:00:00Z"),
    message(2, "2025-11-20T10:01:00Z"),
    message(3, "2025-11-20T10:01:30Z", true),
    message(4, "2025-11-20T10:20:00Z", true),
  ];
  expect(shape(messages, "UTC")).toEqual(["day-2025-11-20", "1<", "2>", "3<>", "4<>"]);
});

const event = (id: number, at: string): ConversationEvent => ({ id, at, kind: "postback", detail: {} });
const keys = (messages: Message[], events: ConversationEvent[], isWhole = true) =>
  timelineOf(messages, { locale: "en-GB", timeZone: "UTC" }, events, isWhole).map(({ key }) => key);

it("what happened stands between the messages at its time, under its own day", () => {
  const messages = [message(1, "2025-11-21T10:00:00Z"), message(2, "2025-11-21T10:01:00Z")];
  const events = [event(7, "2025-11-22T09:00:00Z"), event(5, "2025-11-21T10:00:30Z"), event(4, "2025-11-20T08:00:00Z")];
  expect(keys(messages, events)).toEqual([
    "day-2025-11-20", "event-4", "day-2025-11-21", "message-1", "event-5", "message-2", "day-2025-11-22", "event-7",
  ]); // prettier-ignore
});

it("what is older than what was read waits for it", () => {
  const events = [event(5, "2025-11-21T10:00:30Z"), event(4, "2025-11-20T08:00:00Z")];
  expect(keys([message(1, "2025-11-21T10:00:00Z")], events, false)).toEqual(["day-2025-11-21", "message-1", "event-5"]);
});

it("an event ends a group", () => {
  const messages = [message(1, "2025-11-21T10:00:00Z"), message(2, "2025-11-21T10:01:00Z")];
  const items = timelineOf(messages, { locale: "en-GB", timeZone: "UTC" }, [event(5, "2025-11-21T10:00:30Z")]);
  expect(items.flatMap(item => (item.kind === "message" ? [[item.isFirst, item.isLast]] : []))).toEqual([
    [true, true],
    [true, true],
  ]);
});
