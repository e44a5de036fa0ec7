import type { Connection } from "../api/types";

/** After this a Page counts as behind: the clock looks at each Page every 30 minutes. As the Status page has it. */
export const BEHIND_AFTER_MS = 2 * 3_600_000;

/** How a Page's copy here stands. `cut_off`: nothing comes in until somebody logs in. */
export type Freshness = "fresh" | "syncing" | "behind" | "never" | "cut_off";

type Synced = Pick<Connection, "state" | "last_synced_at" | "active_run">;

export function freshnessOf({ state, last_synced_at: at, active_run: run }: Synced, now: Date): Freshness {
  if (state === "reauthorization_required") return "cut_off";
  if (run) return "syncing";
  if (!at) return "never";
  return now.getTime() - Date.parse(at) > BEHIND_AFTER_MS ? "behind" : "fresh";
}

/** 0: just now; 100: so long ago that it counts as behind. */
export function agePercent(at: string, now: Date): number {
  const age = now.getTime() - Date.parse(at);
  return Math.min(100, Math.max(0, (100 * age) / BEHIND_AFTER_MS));
}

/** The answer to the one question. */
export interface UpToDate {
  /** What is worst. */
  is: "none" | "cut_off" | "behind" | "first_sync" | "fresh";
  /** Pages of which that is said. */
  count: number;
  /** Pages that are synced at the moment. */
  syncing: number;
  /** All that are not disconnected. */
  pages: number;
  /** When the Page was synced that waits longest. */
  oldest: string | null;
}

/** A Page that is synced for the first time is not behind, and not there yet. */
export function upToDate(connections: Connection[], now: Date): UpToDate {
  const pages = connections.filter(isSynced);
  const all = pages.map(page => ({ page, freshness: freshnessOf(page, now) }));
  const countOf = (...wanted: Freshness[]) => all.filter(({ freshness }) => wanted.includes(freshness)).length;
  const first = all.filter(({ page, freshness }) => freshness === "syncing" && !page.last_synced_at).length;
  const [cutOff, behind] = [countOf("cut_off"), countOf("behind", "never")];
  const [is, count] =
    pages.length === 0
      ? (["none", 0] as const)
      : cutOff > 0
        ? (["cut_off", cutOff] as const)
        : behind > 0
          ? (["behind", behind] as const)
          : first > 0
            ? (["first_sync", first] as const)
            : (["fresh", pages.length] as const);
  const times = pages
    .flatMap(page => page.last_synced_at ?? [])
    .sort((one, next) => Date.parse(one) - Date.parse(next));
  return { is, count, syncing: countOf("syncing"), pages: pages.length, oldest: times[0] ?? null };
}

/** A disconnected Page is history. */
export function isSynced({ state }: Pick<Connection, "state">): boolean {
  return state !== "disconnected";
}

const ORDER: Record<Freshness, number> = { cut_off: 0, behind: 1, never: 1, syncing: 2, fresh: 2 };

/** Those that need somebody first; a Page that is being synced keeps its place. */
export function byNeed(connections: Connection[], now: Date): Connection[] {
  const rank = (connection: Connection) => ORDER[freshnessOf(connection, now)];
  return connections.filter(isSynced).sort((one, next) => rank(one) - rank(next));
}
