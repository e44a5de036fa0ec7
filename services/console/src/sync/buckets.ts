/** What a plot shows between two of its points. */
const HOUR = 3_600_000;

export const RANGES = ["1h", "24h", "7d", "30d"] as const;
export type Range = (typeof RANGES)[number];

export function rangeOf(text: string | undefined): Range {
  return RANGES.find(range => range === text) ?? "24h";
}

/** Some thirty bars fit beside each other on a phone. */
const BUCKETS: Record<Range, number> = { "1h": HOUR, "24h": HOUR, "7d": 6 * HOUR, "30d": 24 * HOUR };

export const RANGE_LENGTHS: Record<Range, number> = {
  "1h": HOUR,
  "24h": 24 * HOUR,
  "7d": 168 * HOUR,
  "30d": 720 * HOUR,
};

/**
 * Hours put together to buckets of the range, oldest first. Hours in which nothing was done are zero: they are told by
 * their absence, and a plot that left them out would show time as even that was not.
 */
export function bucketsOf<Name extends string>(
  hours: { at: string; values: Record<Name, number> }[],
  names: readonly Name[],
  since: string,
  now: Date,
  range: Range,
): ({ at: number } & Record<Name, number>)[] {
  const length = BUCKETS[range];
  const bucketOf = (time: number) => Math.floor(time / length) * length;
  const zero = () => Object.fromEntries(names.map(name => [name, 0])) as Record<Name, number>;
  const buckets = new Map<number, Record<Name, number>>();
  for (let at = bucketOf(Date.parse(since)); at <= now.getTime(); at += length) buckets.set(at, zero());
  for (const { at, values } of hours) {
    const bucket = buckets.get(bucketOf(Date.parse(at)));
    if (bucket) for (const name of names) bucket[name] += values[name];
  }
  return [...buckets].map(([at, values]) => ({ at, ...values }));
}

export function total<Name extends string>(buckets: Record<Name, number>[], name: Name): number {
  return buckets.reduce((sum, bucket) => sum + bucket[name], 0);
}
