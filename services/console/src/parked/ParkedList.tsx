import { Button, Checkbox } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ParkedEntry } from "../api/types";
import { ProblemNotice } from "../parts/ProblemNotice";
import { DropQuestion } from "./DropQuestion";
import { ParkedRow } from "./ParkedRow";
import { isFiltered, type ParkedFilter } from "./queries";
import { type Which, useSettle } from "./use_settle";
import styles from "./parked.module.css";

interface ParkedListProps {
  entries: ParkedEntry[];
  filter: ParkedFilter;
  /** Shown where there are none. */
  empty: ReactNode;
}

/** The work that waits, and what to do with one, some or all of it. */
export function ParkedList({ entries, filter, empty }: ParkedListProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<Which | null>(null);
  const settle = useSettle(() => setChosen(new Set()));
  const here = entries.filter(({ id }) => chosen.has(id));
  const isAny = here.length > 0;
  const which: Which = isAny ? { entries: here } : { filter };
  const toggle = (id: string) =>
    setChosen(now => (now.has(id) ? new Set([...now].filter(of => of !== id)) : new Set([...now, id])));
  return (
    <>
      {entries.length > 0 && (
        <div className={styles.bar}>
          <Checkbox
            label={isAny ? t("parked.selected", { count: here.length }) : t("parked.selectAll")}
            checked={here.length === entries.length}
            indeterminate={isAny && here.length < entries.length}
            onChange={() =>
              setChosen(here.length === entries.length ? new Set() : new Set(entries.map(({ id }) => id)))
            }
          />
          <div className={styles.barActions}>
            <Button
              size="xs"
              variant="default"
              loading={settle.isPending && settle.variables.fate === "replay"}
              onClick={() => settle.mutate({ fate: "replay", which })}
            >
              {t(isAny ? "parked.replay" : isFiltered(filter) ? "parked.replayFiltered" : "parked.replayAll")}
            </Button>
            <Button size="xs" variant="default" className={styles.dropButton ?? ""} onClick={() => setAsked(which)}>
              {t(isAny ? "parked.drop" : isFiltered(filter) ? "parked.dropFiltered" : "parked.dropAll")}
            </Button>
          </div>
        </div>
      )}
      <p className={styles.done} role="status">
        {settle.data && t(`parked.${settle.data.fate}`, { count: settle.data.count })}{" "}
        {settle.data?.more && t("parked.thereIsMore")}
      </p>
      {settle.isError && (
        <ProblemNotice
          what={t(settle.variables.fate === "replay" ? "parked.replayFailed" : "parked.dropFailed")}
          error={settle.error}
        />
      )}
      {entries.length === 0 ? (
        empty
      ) : (
        <ul className={styles.list} data-testid="parked">
          {entries.map(entry => (
            <ParkedRow
              key={entry.id}
              entry={entry}
              isChosen={chosen.has(entry.id)}
              toggle={() => toggle(entry.id)}
              replay={() => settle.mutate({ fate: "replay", which: { entries: [entry] } })}
              drop={() => setAsked({ entries: [entry] })}
            />
          ))}
        </ul>
      )}
      <DropQuestion
        which={asked}
        isBusy={settle.isPending}
        close={() => setAsked(null)}
        drop={() => {
          if (asked) settle.mutate({ fate: "drop", which: asked }, { onSettled: () => setAsked(null) });
        }}
      />
    </>
  );
}
