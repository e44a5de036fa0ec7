import { NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { connectionsQuery } from "../connections/queries";
import { singleLine } from "../text/contained";
import { queueInWords } from "./parked_words";
import type { ParkedFilter } from "./queries";
import styles from "./parked.module.css";

const route = getRouteApi("/signed-in/sync/parked");
const AGES = ["1h", "1d", "7d"] as const;
/** Somebody who types is not searched for at each letter. */
const TYPING_MS = 300;
const LONGEST_REASON = 200;

interface ParkedFiltersProps {
  filter: ParkedFilter;
  /** How many wait in which queue. */
  totals: Record<string, number>;
}

/** Which parked work; the address keeps it. */
export function ParkedFilters({ filter, totals }: ParkedFiltersProps) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const connections = useInfiniteQuery(connectionsQuery).data?.pages.flatMap(page => page.data) ?? [];
  const choose = (chosen: ParkedFilter) =>
    void navigate({ search: now => ({ ...now, ...chosen }), resetScroll: false });
  const typeReason = useDebouncedCallback(
    (reason: string) => choose({ reason: reason.trim() || undefined }),
    TYPING_MS,
  );
  const queues = Object.keys(totals).filter(queue => (totals[queue] ?? 0) > 0 || queue === filter.queue);
  return (
    <div className={styles.filters}>
      <NativeSelect
        aria-label={t("parked.filterQueue")}
        data={[
          { value: "", label: t("parked.allQueues") },
          ...queues.map(queue => ({ value: queue, label: `${queueInWords(queue, t)} (${totals[queue] ?? 0})` })),
        ]}
        value={filter.queue ?? ""}
        onChange={event => choose({ queue: event.currentTarget.value || undefined })}
      />
      <NativeSelect
        aria-label={t("parked.filterPage")}
        data={[
          { value: "", label: t("parked.allPages") },
          ...connections.map(({ id, name }) => ({ value: String(id), label: singleLine(name) })),
        ]}
        value={filter.page ?? ""}
        onChange={event => choose({ page: Number(event.currentTarget.value) || undefined })}
      />
      <NativeSelect
        aria-label={t("parked.filterAge")}
        data={[
          { value: "", label: t("parked.allAges") },
          ...AGES.map(age => ({ value: age, label: t(`parked.ages.${age}`) })),
        ]}
        value={filter.age ?? ""}
        onChange={event => choose({ age: event.currentTarget.value || undefined })}
      />
      <TextInput
        // Also where the address changes by itself.
        key={filter.reason === undefined ? "none" : "some"}
        aria-label={t("parked.filterReason")}
        placeholder={t("parked.filterReason")}
        maxLength={LONGEST_REASON}
        defaultValue={filter.reason ?? ""}
        onChange={event => typeReason(event.currentTarget.value)}
      />
    </div>
  );
}
