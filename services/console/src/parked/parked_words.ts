import type { TFunction } from "i18next";

import type { ParkedEntry } from "../api/types";
import { contained, singleLine } from "../text/contained";

/** What a queue holds. */
export function queueInWords(queue: string, t: TFunction): string {
  if (queue === "commands.interactive") return t("parked.queues.commandsInteractive");
  if (queue === "commands.background") return t("parked.queues.commandsBackground");
  if (queue === "quarantine") return t("parked.queues.quarantine");
  if (queue === "webhooks") return t("parked.queues.webhooks");
  // News is spread over several queues by their Page.
  const [, part] = /^webhooks\.(\d+)$/u.exec(queue) ?? [];
  return part
    ? t("parked.queues.webhooksPart", { number: Number(part) + 1 })
    : t("parked.queues.other", { name: queue });
}

/** What was to be done, in a word. */
export function typeInWords(type: string, t: TFunction): string {
  if (type.startsWith("webhook.")) return t("parked.types.webhook");
  if (type === "sync.page") return t("parked.types.sync");
  if (type.includes("disconnect")) return t("parked.types.disconnect");
  if (type.includes("connect")) return t("parked.types.connect");
  return t("parked.types.other");
}

/** "A sync, Phở Nhà Linh": what a question about it names. */
export function namedInWords(entry: ParkedEntry, t: TFunction): string {
  const type = typeInWords(entry.type, t);
  return entry.page?.name ? `${type}, ${contained(entry.page.name)}` : type;
}

/** Why it failed, as whoever handled it said; nothing in it can break the row. */
export function reasonInWords({ reason }: Pick<ParkedEntry, "reason">, t: TFunction): string {
  return singleLine(reason) || t("parked.noReason");
}
