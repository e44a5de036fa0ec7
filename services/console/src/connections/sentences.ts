import type { TFunction } from "i18next";

import type { Connection, ConnectionReason } from "../api/types";

/** Why a connection stands as it does, in one sentence. */
export function whyInWords({ state, reason }: Pick<Connection, "state" | "reason">, t: TFunction): string {
  switch (state) {
    case "connected":
      return t("states.connectedWhy");
    case "connecting":
      return t("states.connectingWhy");
    case "disconnected":
      return t("states.disconnectedWhy");
    case "reauthorization_required":
      return reason ? reasonInWords(reason, t) : t("states.reauthorizationWhy");
  }
}

export function reasonInWords(reason: ConnectionReason, t: TFunction): string {
  return t(`reasons.${reason}`, { defaultValue: t("states.reauthorizationWhy") });
}
