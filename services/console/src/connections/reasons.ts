import type { Connection, ConnectionReason, ConnectionState } from "../api/types";
import type { Tone } from "../parts/Tag";

/** What a person can do about a reason: each is one button. */
export type Remedy = "grant" | "log_in" | "open_facebook" | "look_again" | "none";

/** The sentence of a reason is `reasons.<reason>` in the words. */
const REMEDIES: Record<ConnectionReason, Remedy> = {
  task_missing: "look_again",
  permission_missing: "grant",
  connected_elsewhere: "none",
  no_token: "grant",
  subscription_refused: "grant",
  token_expired: "log_in",
  password_changed: "log_in",
  app_removed: "log_in",
  role_lost: "log_in",
  checkpoint: "open_facebook",
  token_invalid: "log_in",
  page_gone: "look_again",
  facebook_unavailable: "look_again",
};

export function remedyOf(reason: ConnectionReason): Remedy {
  // A newer gateway may know more reasons than this console.
  return REMEDIES[reason] ?? "look_again";
}

export function isReason(word: string): word is ConnectionReason {
  return Object.hasOwn(REMEDIES, word);
}

/** What to do about a connection as it stands. */
export function remedyFor({ state, reason }: Pick<Connection, "state" | "reason">): Remedy {
  switch (state) {
    case "connected":
    case "connecting":
      return "none";
    case "disconnected":
      return "grant";
    case "reauthorization_required":
      return reason ? remedyOf(reason) : "log_in";
  }
}

export const STATE_TONES: Record<ConnectionState, Tone> = {
  connecting: "look",
  connected: "good",
  reauthorization_required: "act",
  disconnected: "calm",
};
