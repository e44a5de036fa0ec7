import type { TFunction } from "i18next";

import { known, RUN_KINDS, RUN_STATES } from "../api/known";
import type { Run } from "../api/types";
import { hasEnded } from "../connect/queries";
import { isReason, type Remedy, remedyOf } from "../connections/reasons";
import { reasonInWords } from "../connections/sentences";
import type { Tone } from "../parts/Tag";

export function kindInWords(kind: string, t: TFunction): string {
  const name = known(RUN_KINDS, kind);
  return name ? t(`sync.kinds.${name}`) : t("sync.unknownKind");
}

/** What a run of this kind does, in a sentence. */
export function kindExplained(kind: string, t: TFunction): string | null {
  const name = known(RUN_KINDS, kind);
  return name ? t(`sync.kindWhat.${name}`) : null;
}

const TONES: Record<(typeof RUN_STATES)[number], Tone> = {
  queued: "calm",
  running: "calm",
  succeeded: "good",
  failed: "look",
  parked: "act",
  canceled: "calm",
};

export function stateInWords(state: string, t: TFunction): { words: string; tone: Tone } {
  const name = known(RUN_STATES, state) ?? "queued";
  return { words: t(`sync.states.${name}`), tone: TONES[name] };
}

/** What became of what Facebook told; null where a run tells of no rows. */
export function rowsInWords({ rows }: Pick<Run, "rows">, t: TFunction, locale: string): string | null {
  if (rows.new + rows.changed + rows.same === 0) return null;
  const number = new Intl.NumberFormat(locale);
  if (rows.new + rows.changed === 0) return t("sync.nothingNew");
  return t("sync.rows", { fresh: number.format(rows.new), changed: number.format(rows.changed) });
}

/** Why a run ended, or does not get on. */
export interface Trouble {
  sentence: string;
  /** What to do about it. */
  remedy: Remedy;
}

/** Words of a run's `error` that are not the reason of a connection. */
const OWN_TROUBLES = ["conversation_gone", "refused"] as const;

export function troubleOf(run: Pick<Run, "error" | "error_detail">, t: TFunction): Trouble | null {
  if (!run.error) return null;
  const own = known(OWN_TROUBLES, run.error);
  if (own) return { sentence: t(`sync.troubles.${own}`), remedy: "none" };
  if (run.error === "facebook_unavailable") return { sentence: t("sync.troubles.facebookUnavailable"), remedy: "none" };
  if (isReason(run.error)) return { sentence: reasonInWords(run.error, t), remedy: remedyOf(run.error) };
  return { sentence: run.error_detail ?? t("sync.troubles.unknown"), remedy: "none" };
}

/** Milliseconds from its start to its end, or to now. */
export function durationOf(run: Pick<Run, "state" | "started_at" | "ended_at">, now: Date): number | null {
  if (!run.started_at) return null;
  const end = run.ended_at ? Date.parse(run.ended_at) : hasEnded(run) ? null : now.getTime();
  return end === null ? null : Math.max(0, end - Date.parse(run.started_at));
}
