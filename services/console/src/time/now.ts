import { useSyncExternalStore } from "react";

/** "2 min ago" grows old by itself: one clock for all of them. */
const TICK_MS = 15_000;

let now = new Date();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  now = new Date();
  listeners.forEach(listener => listener());
}

/** The time, as fine as relative times need it. */
export function useNow(): Date {
  return useSyncExternalStore(subscribe, () => now);
}
