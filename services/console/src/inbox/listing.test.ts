import { describe, expect, it } from "vitest";

import type { Conversation, ConversationList } from "../api/types";
import { moveToPlace, newsFor, placeRows, rowsOf, updateInPlace } from "./listing";

const MINUTE_0 = Date.parse("2025-11-21T10:00:00Z");

const row = (id: number, minute: number, fields: Partial<Conversation> = {}): Conversation => ({
  id,
  connection: { id: 1, name: "Café Nord", picture_url: null, connection_type: "facebook" },
  contact: { id: id + 1000, name: `Customer ${id}` },
  platform: "messenger",
  last_message_at: new Date(MINUTE_0 + minute * 60_000).toISOString(),
  snippet: "Hello",
  last_message_from_page: false,
  unread_count: 1,
  unread: true,
  ...fields,
});

const page = (data: Conversation[], next: string | null = null): ConversationList => ({
  data,
  next_cursor: next,
  previous_cursor: "p",
  estimated_total: 10,
});

const ids = (pages: ConversationList[]) => rowsOf(pages).map(({ id }) => id);

describe("a reader at the top", () => {
  const pages = [page([row(5, 50), row(4, 40)], "a"), page([row(3, 30), row(2, 20)], "b")];

  it("sees a conversation with a new message move up", () => {
    expect(ids(moveToPlace(pages, [row(2, 60)], {}))).toEqual([2, 5, 4, 3]);
  });

  it("sees a late message put its conversation at its right place", () => {
    expect(ids(moveToPlace(pages, [row(9, 35)], {}))).toEqual([5, 4, 9, 3, 2]);
  });

  it("sees several at once in their order, whatever order they come in", () => {
    const news = [row(3, 61), row(8, 63), row(4, 62)];
    expect(ids(moveToPlace(pages, news, {}))).toEqual([8, 4, 3, 5, 2]);
    expect(ids(moveToPlace(pages, news.toReversed(), {}))).toEqual([8, 4, 3, 5, 2]);
  });

  it("does not see one that is older than what is loaded, until its page is loaded", () => {
    expect(ids(moveToPlace(pages, [row(1, 1)], {}))).toEqual([5, 4, 3, 2]);
    expect(ids(moveToPlace([page([row(5, 50)])], [row(1, 1)], {}))).toEqual([5, 1]);
  });

  it("sees the first conversation of an empty list", () => {
    expect(ids(moveToPlace([page([])], [row(1, 1)], {}))).toEqual([1]);
  });

  it("two conversations of the same moment keep the gateway's order: the higher id first", () => {
    expect(ids(moveToPlace([page([row(5, 50)])], [row(6, 50), row(4, 50)], {}))).toEqual([6, 5, 4]);
  });
});

describe("the filter", () => {
  const pages = [page([row(5, 50), row(4, 40)])];

  it("keeps out conversations of other Pages", () => {
    const other = { id: 2, name: "Other", picture_url: null, connection_type: "facebook" as const };
    expect(ids(moveToPlace(pages, [row(9, 90, { connection: other })], { connection: 1 }))).toEqual([5, 4]);
  });

  it("lets a conversation that was just read stay where it is", () => {
    const read = row(4, 40, { unread: false, unread_count: 0 });
    const after = moveToPlace(pages, [read], { unread: true });
    expect(ids(after)).toEqual([5, 4]);
    expect(rowsOf(after)[1]?.unread).toBe(false);
  });
});

describe("a reader who has scrolled", () => {
  const pages = [page([row(5, 50), row(4, 40), row(3, 30)], "a")];

  it("sees new content and no movement", () => {
    const after = updateInPlace(pages, [row(3, 60, { snippet: "News" }), row(9, 61)]);
    expect(ids(after)).toEqual([5, 4, 3]);
    expect(rowsOf(after)[2]?.snippet).toBe("News");
  });

  it("is told of what would be above", () => {
    expect(newsFor(pages, [row(3, 60), row(9, 61), row(1, 1)], {}).map(({ id }) => id)).toEqual([3, 9]);
  });

  it("is not told of a conversation that stays in its place", () => {
    expect(newsFor(pages, [row(5, 70), row(4, 45)], {})).toEqual([]);
  });
});

describe("rows far down", () => {
  const rows = Array.from({ length: 6 }, (_, index) => row(100 - index, 100 - index));
  const start = { rows: rows.slice(0, 4), base: 0, shift: 0 };

  it("stay where they are when the pages above leave memory and come back", () => {
    const deeper = placeRows(start, rows.slice(2));
    expect(deeper).toMatchObject({ base: 2, shift: 0 });
    expect(placeRows(deeper, rows)).toMatchObject({ base: 0, shift: 0 });
  });

  it("move by as many as came above in the meantime", () => {
    const deeper = placeRows(start, rows.slice(2));
    expect(placeRows(deeper, [row(200, 200), row(201, 199), ...rows])).toMatchObject({ base: 0, shift: 2 });
  });
});

it("a conversation that was read on two pages is shown once", () => {
  expect(ids([page([row(5, 50), row(4, 40)], "a"), page([row(4, 40), row(3, 30)])])).toEqual([5, 4, 3]);
});
