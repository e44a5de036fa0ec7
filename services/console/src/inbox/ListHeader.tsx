import { NativeSelect, SegmentedControl, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { connectionsQuery } from "../connections/queries";
import { singleLine } from "../text/contained";
import { localeOf } from "../words/languages";
import { conversationsQuery, type Filter } from "./conversations";
import { SearchField } from "./SearchField";
import styles from "./inbox.module.css";

const route = getRouteApi("/signed-in/inbox/{-$conversation}");

/** What is shown, of how many; the address keeps it. */
export function ListHeader({ filter }: { filter: Filter }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const isSearching = Boolean(route.useSearch().q);
  return (
    <header className={styles.listHeader}>
      <div className={styles.listTitle}>
        <Title order={1}>{t("inbox.title")}</Title>
        {!isSearching && <Total filter={filter} />}
      </div>
      <SearchField />
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label={t("inbox.show")}
        // What is searched for is found whether it is read or not.
        disabled={isSearching}
        value={filter.unread && !isSearching ? "unread" : "all"}
        onChange={shown =>
          void navigate({ search: now => ({ ...now, unread: shown === "unread" ? (true as const) : undefined }) })
        }
        data={[
          { value: "all", label: t("inbox.all") },
          { value: "unread", label: t("inbox.unread") },
        ]}
      />
      <PageSelect filter={filter} />
    </header>
  );
}

/** Exact where that is cheap, and said to be an estimate where it is one. */
function Total({ filter }: { filter: Filter }) {
  const { t, i18n } = useTranslation();
  const pages = useInfiniteQuery(conversationsQuery(filter)).data?.pages;
  const [page] = pages ?? [];
  if (!page) return null;
  const isWhole = pages?.length === 1 && page.next_cursor === null;
  const count = isWhole ? page.data.length : page.estimated_total;
  const total = new Intl.NumberFormat(localeOf(i18n.language), { maximumSignificantDigits: 3 }).format(count);
  return (
    <span className={styles.total}>{isWhole ? t("inbox.total", { count }) : t("inbox.totalAbout", { total })}</span>
  );
}

function PageSelect({ filter }: { filter: Filter }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const connections = useInfiniteQuery(connectionsQuery).data?.pages.flatMap(page => page.data) ?? [];
  return (
    <NativeSelect
      size="xs"
      aria-label={t("inbox.page")}
      data={[
        { value: "", label: t("inbox.allPages") },
        ...connections.map(({ id, name }) => ({ value: String(id), label: singleLine(name) })),
      ]}
      value={filter.connection ?? ""}
      disabled={connections.length === 0}
      onChange={event => {
        const chosen = Number(event.currentTarget.value);
        void navigate({ search: now => ({ ...now, connection: chosen || undefined }) });
      }}
    />
  );
}
