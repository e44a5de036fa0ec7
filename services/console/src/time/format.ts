/** How times are written: the words' language and the account's time zone. */
export interface TimeStyle {
  locale: string;
  timeZone: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "just now", "2 min ago", "3 hr ago", "5 days ago", then the date. A clock that runs ahead never gives "in 3 s". */
export function timeAgo(time: Date, now: Date, style: TimeStyle): string {
  const passed = Math.max(0, now.getTime() - time.getTime());
  if (passed >= 7 * DAY) return shortDate(time, now, style);
  return relative(-passed, style);
}

/** "in 9 days", "3 hr ago": for what is still to come, and for what should have been. */
export function timeUntil(time: Date, now: Date, style: TimeStyle): string {
  const left = time.getTime() - now.getTime();
  if (Math.abs(left) < MINUTE) return relative(left < 0 ? -MINUTE : MINUTE, style);
  return relative(left, style);
}

function relative(milliseconds: number, { locale }: TimeStyle): string {
  const size = Math.abs(milliseconds);
  if (size < MINUTE) return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(0, "second");
  const [unit, length] =
    size < HOUR ? (["minute", MINUTE] as const) : size < DAY ? (["hour", HOUR] as const) : (["day", DAY] as const);
  return new Intl.RelativeTimeFormat(locale, { style: "short" }).format(Math.trunc(milliseconds / length), unit);
}

/** The day and month, with the year where it is not this one. */
function shortDate(time: Date, now: Date, style: TimeStyle): string {
  const thisYear = dayOf(time, style).slice(0, 4) === dayOf(now, style).slice(0, 4);
  return dateFormat(style, { day: "numeric", month: "short", ...(thisYear ? {} : { year: "numeric" }) }).format(time);
}

/** The whole of it, for those who hover: "Friday 21 November 2025 at 14:03:07 CET". */
export function fullTime(time: Date, style: TimeStyle): string {
  return dateFormat(style, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  }).format(time);
}

/** The time of day of a message: "14:03". */
export function clockTime(time: Date, style: TimeStyle): string {
  return dateFormat(style, { hour: "2-digit", minute: "2-digit" }).format(time);
}

/** On the axis of a plot over weeks: "21 Nov". */
export function dayAndMonth(time: Date, style: TimeStyle): string {
  return dateFormat(style, { day: "numeric", month: "short" }).format(time);
}

/** A point of a plot: "21 Nov, 14:00". */
export function dayAndTime(time: Date, style: TimeStyle): string {
  return dateFormat(style, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(time);
}

/** A day's heading: "today", "yesterday", "Friday 21 November", with the year where it is not this one. */
export function dayHeading(time: Date, now: Date, style: TimeStyle): string {
  const daysAgo = daysBetween(dayOf(time, style), dayOf(now, style));
  if (daysAgo === 0 || daysAgo === 1) {
    return new Intl.RelativeTimeFormat(style.locale, { numeric: "auto" }).format(-daysAgo, "day");
  }
  const thisYear = dayOf(time, style).slice(0, 4) === dayOf(now, style).slice(0, 4);
  return dateFormat(style, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(thisYear ? {} : { year: "numeric" }),
  }).format(time);
}

/** The calendar day in the style's time zone, as `2025-11-21`: equal days give equal texts. */
export function dayOf(time: Date, { timeZone }: TimeStyle): string {
  return dateFormat({ locale: "en-CA", timeZone }, { year: "numeric", month: "2-digit", day: "2-digit" }).format(time);
}

function daysBetween(earlier: string, later: string): number {
  return Math.round((Date.parse(later) - Date.parse(earlier)) / DAY);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs a hundred times what using it does, and a list uses it for each row. */
function dateFormat({ locale, timeZone }: TimeStyle, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale}|${timeZone}|${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, { timeZone, ...options });
    formats.set(key, format);
  }
  return format;
}
