import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useSignedIn } from "../session/me";
import { localeOf } from "../words/languages";
import { isTimeZone, TimeStyleContext } from "./time_style";

/** Times are shown in the account's time zone, also to someone who travels. */
export function AccountTimes({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const zone = useSignedIn().account.time_zone;
  const locale = localeOf(i18n.language);
  const style = useMemo(() => ({ locale, timeZone: isTimeZone(zone) ? zone : "UTC" }), [locale, zone]);
  return <TimeStyleContext value={style}>{children}</TimeStyleContext>;
}
