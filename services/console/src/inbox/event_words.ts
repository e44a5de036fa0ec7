import type { TFunction } from "i18next";

import type { ConversationEvent } from "../api/types";
import { contained } from "../text/contained";

/** What happened beside messages, in a line. What customers and Pages wrote in it is contained. */
export function eventInWords({ kind, detail }: ConversationEvent, t: TFunction): string {
  const text = (name: string) => textOf(detail, name);
  switch (kind) {
    case "postback": {
      const title = text("title");
      return title ? t("happened.postback", { title: contained(title) }) : t("happened.postbackPlain");
    }
    case "referral": {
      const ad = text("ad_title");
      if (ad || text("ad_id")) return ad ? t("happened.ad", { title: contained(ad) }) : t("happened.adPlain");
      const link = text("ref");
      return link ? t("happened.referral", { link: contained(link) }) : t("happened.referralPlain");
    }
    case "opt_in":
      return t("happened.optIn");
    case "account_linking":
      return t(detailOf(detail)["linked"] === false ? "happened.unlinked" : "happened.linked");
    case "thread_control":
      switch (text("action")) {
        case "taken":
          return t("happened.taken");
        case "requested":
          return t("happened.requested");
        default:
          return t("happened.passed");
      }
    case "label":
      return t("happened.label");
    case "feedback":
      return t("happened.feedback");
    case "story_reply":
      return t("happened.storyReply");
    case "story_mention":
      return t("happened.storyMention");
    default:
      return t("happened.other", { kind: contained(kind.replaceAll("_", " ")) });
  }
}

function textOf(detail: unknown, name: string): string {
  const value = detailOf(detail)[name];
  return typeof value === "string" ? value : "";
}

function detailOf(detail: unknown): Record<string, unknown> {
  return typeof detail === "object" && detail !== null ? (detail as Record<string, unknown>) : {};
}
