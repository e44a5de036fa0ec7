import { useQuery } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { GraphUsage, SyncHistory } from "../api/types";
import { ProblemNotice } from "../parts/ProblemNotice";
import { singleLine } from "../text/contained";
import { durationInWords } from "../time/duration";
import { useNow } from "../time/now";
import { localeOf } from "../words/languages";
import { BarPlot } from "./BarPlot";
import { bucketsOf, type Range, RANGE_LENGTHS, total } from "./buckets";
import { LinePlot } from "./LinePlot";
import { EmptyPlot } from "./PlotFrame";
import { historyQuery, usageQuery } from "./queries";
import { usagePlot } from "./usage";
import styles from "./plots.module.css";

/** Four questions about syncs, each with its plot. */
export function Plots({ range }: { range: Range }) {
  const history = useQuery(historyQuery(range));
  const usage = useQuery(usageQuery(range));
  return (
    <div className={styles.grid}>
      <Read query={history} plots={3}>
        {data => <HistoryPlots history={data} range={range} />}
      </Read>
      <Read query={usage} plots={1}>
        {data => <UsagePlot usage={data} range={range} />}
      </Read>
    </div>
  );
}

interface ReadProps<Data> {
  query: UseQueryResult<Data>;
  /** How many are drawn of it. */
  plots: number;
  children: (data: Data) => ReactNode;
}

/** Until it is read, the plots' places are kept: whichever is read first stands where it will stay. */
function Read<Data>({ query, plots, children }: ReadProps<Data>) {
  const { t } = useTranslation();
  if (query.data) return children(query.data);
  if (!query.isError) return Array.from({ length: plots }, (_, place) => <div key={place} className={styles.plot} />);
  return (
    <div className={styles.failed}>
      <ProblemNotice what={t("plots.loadFailed")} error={query.error} retry={() => void query.refetch()} />
    </div>
  );
}

const NAMES = ["fresh", "changed", "same", "calls", "errors", "throttled"] as const;

function HistoryPlots({ history, range }: { history: SyncHistory; range: Range }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const locale = localeOf(i18n.language);
  const number = new Intl.NumberFormat(locale);
  const hours = history.data.map(({ hour, rows, calls, errors, throttled_ms: throttled }) => ({
    at: hour,
    values: { fresh: rows.new, changed: rows.changed, same: rows.same, calls, errors, throttled: throttled / 1_000 },
  }));
  // The range that is asked for, also while that of before is still shown.
  const buckets = bucketsOf(hours, NAMES, new Date(now.getTime() - RANGE_LENGTHS[range]).toISOString(), now, range);
  const sum = (name: (typeof NAMES)[number]) => total(buckets, name);
  const all = sum("fresh") + sum("changed") + sum("same");
  const errors = sum("errors");
  const waited = sum("throttled") * 1_000;
  const series = (name: (typeof NAMES)[number], label: string, colour: number) => ({
    name,
    label,
    colour,
    figure: number.format(Math.round(sum(name))),
  });
  return (
    <>
      <BarPlot
        title={t("plots.rowsTitle")}
        unit={t("plots.rowsUnit")}
        found={t("plots.rowsFound", {
          fresh: number.format(sum("fresh")),
          changed: number.format(sum("changed")),
          all: number.format(all),
        })}
        series={[
          series("fresh", t("plots.new"), 0),
          series("changed", t("plots.changed"), 1),
          series("same", t("plots.same"), 5),
        ]}
        points={buckets}
        range={range}
        isEmpty={all === 0}
      />
      <BarPlot
        title={t("plots.callsTitle")}
        unit={t("plots.callsUnit")}
        found={t("plots.callsFound", {
          calls: number.format(sum("calls")),
          count: errors,
          formatted: number.format(errors),
        })}
        series={[series("calls", t("plots.calls"), 2), series("errors", t("plots.errors"), 1)]}
        isBesideEachOther
        points={buckets}
        range={range}
        isEmpty={sum("calls") + errors === 0}
      />
      <BarPlot
        title={t("plots.throttledTitle")}
        unit={t("plots.throttledUnit")}
        found={
          waited > 0
            ? t("plots.throttledFound", { duration: durationInWords(waited, locale) })
            : t("plots.throttledNone")
        }
        series={[series("throttled", t("plots.throttled"), 1)]}
        points={buckets}
        range={range}
        isEmpty={sum("calls") === 0}
      />
    </>
  );
}

function UsagePlot({ usage, range }: { usage: GraphUsage; range: Range }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const { limits, left, points } = usagePlot(usage, now);
  const percent = (value: number) =>
    new Intl.NumberFormat(localeOf(i18n.language), { style: "percent" }).format(value / 100);
  const nameOf = (connection: (typeof limits)[number]["connection"]) =>
    connection ? singleLine(connection.name) : t("plots.app");
  const most = limits.reduce((best, limit) => (limit.highest > best.highest ? limit : best), {
    connection: null,
    highest: 0,
  } as Pick<(typeof limits)[number], "connection" | "highest">);
  const found =
    most.highest > 0
      ? t("plots.usageFound", { percent: percent(most.highest), name: nameOf(most.connection) })
      : t("plots.usageNone");
  if (limits.length === 0) {
    return <EmptyPlot title={t("plots.usageTitle")} why={t("plots.emptyUsage")} />;
  }
  return (
    <LinePlot
      title={t("plots.usageTitle")}
      unit={t("plots.usageUnit")}
      found={left > 0 ? `${found} ${t("plots.usageLeft", { count: left })}` : found}
      series={limits.map(({ connection, highest }, index) => ({
        name: `limit${index}`,
        label: nameOf(connection),
        colour: index,
        figure: t("plots.highest", { percent: percent(highest) }),
      }))}
      points={points.map(({ at, used }) => ({
        at,
        ...Object.fromEntries(used.map((value, index) => [`limit${index}`, value])),
      }))}
      range={range}
    />
  );
}
