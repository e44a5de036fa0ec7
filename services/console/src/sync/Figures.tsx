import { SegmentedControl } from "@mantine/core";
import { useIntersection } from "@mantine/hooks";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { Card } from "../parts/Card";
import { type Range, RANGES } from "./buckets";
import styles from "./plots.module.css";

/** The library that draws them is larger than all of the console: it is fetched when somebody is about to look. */
const Plots = lazy(() => import("./Plots").then(({ Plots }) => ({ default: Plots })));

/** What syncs did and used, over a time that the address keeps. */
export function Figures({ range }: { range: Range }) {
  const { t } = useTranslation();
  const [isNear, setIsNear] = useState(false);
  const { ref, entry } = useIntersection({ rootMargin: "200px" });
  if (entry?.isIntersecting && !isNear) setIsNear(true);
  return (
    <div ref={ref}>
      <Card title={t("sync.figures")} lead={t("sync.figuresLead")}>
        <RangeSwitch range={range} />
        <div className={styles.plots}>
          <Suspense>{isNear && <Plots range={range} />}</Suspense>
        </div>
      </Card>
    </div>
  );
}

const route = getRouteApi("/signed-in/sync");

function RangeSwitch({ range }: { range: Range }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  return (
    <div className={styles.range}>
      <SegmentedControl
        size="xs"
        aria-label={t("sync.range")}
        value={range}
        onChange={chosen => void navigate({ search: now => ({ ...now, range: chosen }), resetScroll: false })}
        data={RANGES.map(value => ({ value, label: t(`sync.ranges.${value}`) }))}
      />
    </div>
  );
}
