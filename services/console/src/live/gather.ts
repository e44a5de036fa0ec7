/**
 * Collects what comes in a burst and hands it on together: the first soon, the next ones at most once in `everyMs`.
 * A thousand hints a second then cost four reads.
 */
export function gather<Item>(
  flush: (items: Item[]) => void,
  { soonMs, everyMs }: { soonMs: number; everyMs: number },
): { add: (item: Item) => void; stop: () => void } {
  let items: Item[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let flushedAt = Number.NEGATIVE_INFINITY;

  function hand(): void {
    timer = undefined;
    flushedAt = performance.now();
    const gathered = items;
    items = [];
    flush(gathered);
  }

  return {
    add(item) {
      items.push(item);
      timer ??= setTimeout(hand, Math.max(soonMs, flushedAt + everyMs - performance.now()));
    },
    stop() {
      clearTimeout(timer);
      items = [];
    },
  };
}
