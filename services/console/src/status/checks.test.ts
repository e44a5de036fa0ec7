import { expect, it } from "vitest";

import type { CheckStatus, SystemHealth } from "../api/types";
import { words } from "../words/i18n";
import { checksInWords } from "./checks";

function health(status: CheckStatus): SystemHealth {
  return {
    status: "healthy",
    checks: {
      database: { status },
      broker: { status },
      facebookPages: { status, count: 3 },
      tokenExpiration: { status, expiring: 1 },
      conversations: { status, count: 12_000 },
      sync: { status, stale: 2, oldest: "2025-11-21T10:00:00Z" },
    },
    version: "0.1.0",
    time: "2025-11-21T14:00:00Z",
  };
}

const sentences = (status: CheckStatus) => checksInWords(health(status), words.t, "en-GB").map(check => check.sentence);

it.each(["ok", "warning", "error"] as const)("every check has a whole sentence when it is %s", status => {
  for (const sentence of sentences(status)) expect(sentence).toMatch(/^[A-Z0-9].*\.$/u);
});

it("says the numbers", () => {
  expect(sentences("ok")).toContain("3 Pages are connected.");
  expect(sentences("ok")).toContain("About 12,000 conversations are stored.");
  expect(sentences("warning")).toContain(
    "2 Pages were not synced for two hours. The next sync starts within 30 minutes.",
  );
});

it("shows how long the oldest Page waits only when one waits", () => {
  expect(checksInWords(health("warning"), words.t, "en-GB").at(-1)?.oldest).toBe("2025-11-21T10:00:00Z");
  expect(checksInWords(health("ok"), words.t, "en-GB").at(-1)?.oldest).toBeNull();
});
