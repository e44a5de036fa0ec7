import { expect, it } from "vitest";

import { isTimeZone } from "./time_style";
import { timeZones } from "./zones";

it("people find their zone under the name they use", () => {
  expect(timeZones("UTC")).toContain("Asia/Ho_Chi_Minh");
  expect(timeZones("UTC")).not.toContain("Asia/Saigon");
});

it("every zone that is offered can be shown, and each once", () => {
  const zones = timeZones("Europe/Copenhagen");
  expect(zones.filter(zone => !isTimeZone(zone))).toEqual([]);
  expect(new Set(zones).size).toBe(zones.length);
});
