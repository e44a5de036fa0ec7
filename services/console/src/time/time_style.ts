import { createContext, useContext } from "react";

import type { TimeStyle } from "./format";

/** A list writes a time in every row: the style is found once, above them all. */
export const TimeStyleContext = createContext<TimeStyle>({ locale: "en-GB", timeZone: "UTC" });

export function useTimeStyle(): TimeStyle {
  return useContext(TimeStyleContext);
}

const known = new Map<string, boolean>();

/** A browser older than the gateway's list may not know a zone. */
export function isTimeZone(zone: string): boolean {
  let isKnown = known.get(zone);
  if (isKnown === undefined) {
    isKnown = canFormatIn(zone);
    known.set(zone, isKnown);
  }
  return isKnown;
}

function canFormatIn(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}
