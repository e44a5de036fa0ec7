import type { Conversation, ConversationList } from "../api/types";
import type { Filter } from "./conversations";

/** The rows of loaded pages. One that moved while pages were read may stand on two of them: its first place counts. */
export function rowsOf(pages: ConversationList[]): Conversation[] {
  const rows = new Map<number, Conversation>();
  for (const row of pages.flatMap(page => page.data)) if (!rows.has(row.id)) rows.set(row.id, row);
  return [...rows.values()];
}

/** Shows what changed without moving a row: for a reader who has scrolled. */
export function updateInPlace(pages: ConversationList[], changed: Conversation[]): ConversationList[] {
  const byId = new Map(changed.map(row => [row.id, row]));
  return pages.map(page => ({ ...page, data: page.data.map(row => byId.get(row.id) ?? row) }));
}

/**
 * Puts what changed where it belongs now. What the filter leaves out is not added; what is there already stays until
 * the list is opened anew, or a conversation would vanish under the hand that opens it.
 */
export function moveToPlace(pages: ConversationList[], changed: Conversation[], filter: Filter): ConversationList[] {
  const shown = new Set(rowsOf(pages).map(row => row.id));
  const moving = changed.filter(row => matches(row, filter));
  const staying = changed.filter(row => !matches(row, filter) && shown.has(row.id));
  const moved = new Set(moving.map(row => row.id));
  const rest = updateInPlace(pages, staying).map(page => ({
    ...page,
    data: page.data.filter(row => !moved.has(row.id)),
  }));
  return [...moving].sort(byNewest).reduce(insert, rest);
}

function insert(pages: ConversationList[], row: Conversation): ConversationList[] {
  const at = pages.findIndex(page => page.data.some(other => byNewest(row, other) < 0));
  const last = pages.length - 1;
  // Older than everything that is loaded: it comes with its page, if there is one.
  if (at < 0 && pages[last]?.next_cursor) return pages;
  return pages.map((page, index) => {
    if (index !== (at < 0 ? last : at)) return page;
    const before = page.data.filter(other => byNewest(other, row) < 0);
    return { ...page, data: [...before, row, ...page.data.slice(before.length)] };
  });
}

/** Which of the changed ones would come or move up if the reader were at the top: "3 new". */
export function newsFor(pages: ConversationList[], changed: Conversation[], filter: Filter): Conversation[] {
  const rows = rowsOf(pages);
  const placeNow = new Map(rows.map((row, index) => [row.id, index]));
  return changed.filter(row => {
    if (!matches(row, filter)) return false;
    const index = placeNow.get(row.id);
    if (index === undefined) return rows.length === 0 || rows.some(other => byNewest(row, other) < 0);
    const above = rows[index - 1];
    return above !== undefined && byNewest(row, above) < 0;
  });
}

export function matches(row: Conversation, { unread, connection }: Filter): boolean {
  return (!unread || row.unread) && (!connection || row.connection.id === connection);
}

/** The gateway's order. */
export function byNewest(one: Conversation, other: Conversation): number {
  return timeOf(other) - timeOf(one) || other.id - one.id;
}

function timeOf({ last_message_at: time }: Conversation): number {
  return time ? Date.parse(time) : 0;
}

/**
 * Where the loaded rows stand in the whole list. Pages that fall out of memory leave their room, so that the rows on
 * screen stay; `shift` is by how many rows they had to move after all, because there are more rows above than were
 * known.
 */
export interface Placed {
  rows: Conversation[];
  base: number;
  shift: number;
}

export function placeRows(previous: Placed, rows: Conversation[]): Placed {
  const indexes = new Map(rows.map((row, index) => [row.id, index]));
  const kept = previous.rows.findIndex(row => indexes.has(row.id));
  const keptRow = previous.rows[kept];
  if (!keptRow) return { rows, base: 0, shift: 0 };
  const base = previous.base + kept - (indexes.get(keptRow.id) ?? 0);
  return base >= 0 ? { rows, base, shift: 0 } : { rows, base: 0, shift: -base };
}
