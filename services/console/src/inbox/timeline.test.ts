import { expect, it } from "vitest";

import type { Message } from "../api/types";
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
    item.kind === "day" ? item.key : `${item.message.id}${item.isFirst ? "<" : ""}${item.isLast ? ">" : ""}`,
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
