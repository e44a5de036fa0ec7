import { Progress } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Run } from "../api/types";
import { PagePicture } from "../parts/PagePicture";
import { Tag } from "../parts/Tag";
import { contained } from "../text/contained";
import { localeOf } from "../words/languages";
import { percentDone, phaseInWords } from "./progress";
import { hasEnded } from "./queries";
import styles from "./connect.module.css";

/** One Page: picture, name, what is done now, and how far it is. */
export function PageProgress({ run }: { run: Run }) {
  const { t, i18n } = useTranslation();
  const name = run.connection?.name ?? "";
  const percent = percentDone(run);
  // How far it is cannot be told, only that it moves.
  const isUnderWay = percent === null && run.state === "running" && run.phase !== "waiting";
  return (
    <li className={styles.page}>
      <PagePicture id={run.connection?.id ?? run.id} name={name} url={run.connection?.picture_url} size="md" />
      <div className={styles.pageText}>
        <div className={styles.pageHead}>
          <bdi className={`${styles.pageName} one-line`}>{name}</bdi>
          {hasEnded(run) && (
            <Tag tone={run.state === "succeeded" ? "good" : "look"}>
              {t(run.state === "succeeded" ? "connect.phases.done" : "connect.partly")}
            </Tag>
          )}
        </div>
        <div className={styles.phase}>{phaseInWords(run, t, localeOf(i18n.language))}</div>
        <Progress
          value={percent ?? (isUnderWay ? 100 : 0)}
          className={isUnderWay ? styles.underWay : undefined}
          animated={isUnderWay}
          color={hasEnded(run) && run.state !== "succeeded" ? "yellow" : "pine"}
          size="sm"
          aria-label={t("connect.progressOf", { name: contained(name) })}
        />
      </div>
    </li>
  );
}
