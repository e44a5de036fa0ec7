import { NativeSelect } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { RUN_KINDS, RUN_STATES } from "../api/known";
import { connectionsQuery } from "../connections/queries";
import { singleLine } from "../text/contained";
import type { RunFilter } from "./queries";
import styles from "./sync.module.css";

const route = getRouteApi("/signed-in/sync");

/** Which runs; the address keeps it. */
export function RunFilters({ filter }: { filter: RunFilter }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const connections = useInfiniteQuery(connectionsQuery).data?.pages.flatMap(page => page.data) ?? [];
  const choose = (chosen: RunFilter) => void navigate({ search: now => ({ ...now, ...chosen }), resetScroll: false });
  return (
    <div className={styles.filters}>
      <NativeSelect
        aria-label={t("sync.filterPage")}
        data={[
          { value: "", label: t("sync.allPages") },
          ...connections.map(({ id, name }) => ({ value: String(id), label: singleLine(name) })),
        ]}
        value={filter.page ?? ""}
        onChange={event => choose({ page: Number(event.currentTarget.value) || undefined })}
      />
      <NativeSelect
        aria-label={t("sync.filterKind")}
        data={[
          { value: "", label: t("sync.allKinds") },
          ...RUN_KINDS.map(kind => ({ value: kind, label: t(`sync.kinds.${kind}`) })),
        ]}
        value={filter.kind ?? ""}
        onChange={event => choose({ kind: event.currentTarget.value || undefined })}
      />
      <NativeSelect
        aria-label={t("sync.filterState")}
        data={[
          { value: "", label: t("sync.allStates") },
          ...RUN_STATES.map(state => ({ value: state, label: t(`sync.states.${state}`) })),
        ]}
        value={filter.state ?? ""}
        onChange={event => choose({ state: event.currentTarget.value || undefined })}
      />
    </div>
  );
}
