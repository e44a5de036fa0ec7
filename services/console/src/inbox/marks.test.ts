import { expect, it } from "vitest";

import type { Message } from "../api/types";
import { marksOf } from "./marks";

const message = (id: number, minute: number, fromPage = true, deletedAt: string | null = null): Message => ({
  id,
  mid: `mid.${id}`,
  from_page: fromPage,
  sent_at: at(minute),
  text: "",
  attachments: [],
  app_id: null,
  reply_to_mid: null,
  reactions: [],
  deleted_at: deletedAt,
});
const at = (minute: number) => `2025-11-21T10:${String(minute).padStart(2, "0")}:00Z`;
const messages = [message(1, 0), message(2, 5), message(3, 6, false), message(4, 10), message(5, 11, true, at(12))];
const marks = (seen: number | null, delivered: number | null) =>
  marksOf(messages, {
    seen_up_to: seen === null ? null : at(seen),
    delivered_up_to: delivered === null ? null : at(delivered),
  });

it("says under the newest message of the Page how far it came (D6)", () => {
  expect(marks(7, 20)).toEqual({ seen: 2, delivered: 4 });
  expect(marks(20, 20)).toEqual({ seen: 4, delivered: null });
  expect(marks(null, 5)).toEqual({ seen: null, delivered: 2 });
});

it("says nothing where nothing is known", () => {
  expect(marks(null, null)).toEqual({ seen: null, delivered: null });
});
