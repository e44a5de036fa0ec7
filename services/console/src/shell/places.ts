import { IconActivityHeartbeat, IconInbox, IconPlugConnected, IconRefresh, IconSettings } from "@tabler/icons-react";

/** What the rail, the bottom bar and Ctrl-K lead to. */
export const PLACES = [
  { name: "inbox", to: "/inbox/{-$conversation}", icon: IconInbox },
  { name: "connections", to: "/connections", icon: IconPlugConnected },
  { name: "sync", to: "/sync", icon: IconRefresh },
  { name: "status", to: "/status", icon: IconActivityHeartbeat },
  { name: "settings", to: "/settings", icon: IconSettings },
] as const;

export type PlaceName = (typeof PLACES)[number]["name"];
