const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** "340 kB", "1.2 MB". */
export function fileSize(bytes: number, locale: string): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const unit = UNITS[power] ?? "byte";
  const value = bytes / 1000 ** power;
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    maximumFractionDigits: value < 10 && power > 0 ? 1 : 0,
  }).format(value);
}
