const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long something took: "340 ms", "4.1 sec", "3 min 20 sec", "2 hr 5 min". */
export function durationInWords(milliseconds: number, locale: string): string {
  const size = Math.max(0, milliseconds);
  const say = (value: number, unit: string, digits = 0) =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(
      value,
    );
  if (size < SECOND) return say(Math.round(size), "millisecond");
  if (size < 10 * SECOND) return say(Math.floor(size / 100) / 10, "second", 1);
  if (size < MINUTE) return say(Math.floor(size / SECOND), "second");
  const [large, small, length, part] =
    size < HOUR ? (["minute", "second", MINUTE, SECOND] as const) : (["hour", "minute", HOUR, MINUTE] as const);
  const rest = Math.floor((size % length) / part);
  return [say(Math.floor(size / length), large), ...(rest > 0 ? [say(rest, small)] : [])].join(" ");
}
