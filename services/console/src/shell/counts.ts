import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { brokenConnectionsQuery } from "../connections/queries";
import { parkedTotalQuery } from "../parked/queries";
import { mayManage, useSignedIn } from "../session/me";
import type { PlaceName } from "./places";

interface Count {
  shown: string;
  meaning: string;
  mustAct?: boolean;
}

const unreadTotalQuery = queryOptions({
  queryKey: ["unread-total"],
  queryFn: async ({ signal }) => {
    const query = { unread: true, limit: 1 };
    return (await answer(api.GET("/api/conversations", { params: { query }, signal }))).estimated_total;
  },
  staleTime: 30_000,
});

/** The numbers beside the places: what waits there. */
export function useCounts(): Partial<Record<PlaceName, Count>> {
  const { t } = useTranslation();
  const unread = useQuery(unreadTotalQuery).data ?? 0;
  const broken = useQuery(brokenConnectionsQuery).data?.length ?? 0;
  const parked = useQuery({ ...parkedTotalQuery, enabled: mayManage(useSignedIn()) }).data ?? 0;
  return {
    ...(unread > 0 && { inbox: { shown: short(unread), meaning: t("counts.unread", { count: unread }) } }),
    ...(broken > 0 && {
      connections: { shown: short(broken), meaning: t("counts.broken", { count: broken }), mustAct: true },
    }),
    ...(parked > 0 && {
      sync: { shown: short(parked), meaning: t("counts.parked", { count: parked }), mustAct: true },
    }),
  };
}

function short(count: number): string {
  return count > 99 ? "99+" : String(count);
}
