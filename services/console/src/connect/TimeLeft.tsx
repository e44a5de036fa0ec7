import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Run } from "../api/types";
import { paceOf } from "./progress";
import styles from "./connect.module.css";

/** "20 conversations a second, about 2 minutes left". */
export function TimeLeft({ runs }: { runs: Run[] }) {
  const { t } = useTranslation();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const pace = paceOf(runs, now);
  if (!pace) return <span className={styles.timeLeft} />;
  const minutes = Math.ceil(pace.secondsLeft / 60);
  const left = pace.secondsLeft < 60 ? t("connect.leftSeconds") : t("connect.leftMinutes", { count: minutes });
  return (
    <span className={styles.timeLeft}>
      {t("connect.rate", { count: Math.max(1, Math.round(pace.perSecond)) })}, {left}.
    </span>
  );
}
