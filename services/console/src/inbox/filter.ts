import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";

import type { Filter } from "./conversations";

const route = getRouteApi("/signed-in/inbox/{-$conversation}");

/** What the address says is to be shown. */
export function useFilter(): Filter {
  const { unread, connection } = route.useSearch();
  return useMemo(() => ({ unread, connection }), [unread, connection]);
}
