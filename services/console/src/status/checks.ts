import type { TFunction } from "i18next";

import type { CheckStatus, SystemHealth } from "../api/types";

export interface CheckInWords {
  name: keyof SystemHealth["checks"];
  status: CheckStatus;
  sentence: string;
  /** When the Page was synced that waits longest. */
  oldest?: string | null;
}

/** Each check as a sentence a shop owner understands, in the order of what matters. */
export function checksInWords({ checks }: SystemHealth, t: TFunction, locale: string): CheckInWords[] {
  const about = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const { database, broker, facebookPages, tokenExpiration, conversations, sync } = checks;
  const stored = conversations.count ?? 0;
  return [
    say("database", database.status, { ok: t("status.databaseOk"), error: t("status.databaseError") }, t),
    say("broker", broker.status, { ok: t("status.brokerOk"), error: t("status.brokerError") }, t),
    say(
      "facebookPages",
      facebookPages.status,
      {
        ok: t("status.facebookPagesOk", { count: facebookPages.count ?? 0 }),
        warning: t("status.facebookPagesWarning"),
      },
      t,
    ),
    say(
      "tokenExpiration",
      tokenExpiration.status,
      {
        ok: t("status.tokenExpirationOk"),
        warning: t("status.tokenExpirationWarning", { count: tokenExpiration.expiring ?? 0 }),
      },
      t,
    ),
    say(
      "conversations",
      conversations.status,
      {
        ok: t("status.conversationsOk", { count: stored, formatted: about.format(stored) }),
        error: t("status.conversationsError"),
      },
      t,
    ),
    {
      ...say(
        "sync",
        sync.status,
        { ok: t("status.syncOk"), warning: t("status.syncWarning", { count: sync.stale ?? 0 }) },
        t,
      ),
      oldest: sync.status === "warning" ? sync.oldest : null,
    },
  ];
}

function say(
  name: CheckInWords["name"],
  status: CheckStatus,
  sentences: Partial<Record<CheckStatus, string>>,
  t: TFunction,
): CheckInWords {
  const unknown = status === "error" ? t("status.unknownError") : t("status.unknownWarning");
  return { name, status, sentence: sentences[status] ?? unknown };
}
