/** Browsers still list some zones under names that their people gave up; they understand the new ones too. */
const RENAMED: Record<string, string> = {
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "Europe/Kiev": "Europe/Kyiv",
};

/** All time zones to choose from, and the one that is chosen now. */
export function timeZones(current: string): string[] {
  const listed = Intl.supportedValuesOf("timeZone").map(zone => RENAMED[zone] ?? zone);
  return [...new Set(["UTC", ...listed, current])];
}
