/** The names that this console has words for. A newer gateway may say others. */
export const PHASES = [
  "waiting",
  "fetching_pages",
  "subscribing",
  "fetching_details",
  "fetching_contacts",
  "fetching_conversations",
  "fetching_older_messages",
  "fetching_names",
  "updating_page",
  "done",
] as const;
export const RUN_KINDS = [
  "connect",
  "first",
  "incremental",
  "backfill",
  "full",
  "details",
  "contacts",
  "messages",
  "status",
  "update_page",
] as const;
export const RUN_STATES = ["queued", "running", "succeeded", "failed", "parked", "canceled"] as const;
export const PLATFORMS = ["messenger", "instagram"] as const;
export const ROLES = ["owner", "admin", "agent", "shop_manager"] as const;
export const ACCOUNT_LANGUAGES = ["en", "vi", "da"] as const;
export const SCOPES = [
  "inbox:read",
  "contacts:edit",
  "connections:read",
  "connections:manage",
  "settings:manage",
] as const;

/** The name, if it is one of these. */
export function known<const Name extends string>(names: readonly Name[], name: string): Name | undefined {
  return names.find(candidate => candidate === name);
}
