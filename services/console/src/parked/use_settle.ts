import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import type { ParkedEntry } from "../api/types";
import { asSelection, isFiltered, type ParkedFilter } from "./queries";

/** Some by name, or all that a filter fits. */
export type Which = { entries: ParkedEntry[] } | { filter: ParkedFilter };

interface Settle {
  fate: "replay" | "drop";
  which: Which;
}

export interface Settled {
  fate: "replayed" | "dropped";
  count: number;
  /** The same once more would find more. */
  more: boolean;
}

/** Tries parked work again, or drops it; the lists are read again whatever came of it. */
export function useSettle(onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: settle,
    onSuccess: onDone,
    onSettled: () => {
      for (const key of ["parked", "parked-total", "runs"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
}

async function settle({ fate, which }: Settle): Promise<Settled> {
  const body = selectionOf(which);
  if (fate === "replay") {
    const { replayed, more } = await answer(api.POST("/api/parked/replay", { body }));
    return { fate: "replayed", count: replayed, more };
  }
  const { dropped, more } = await answer(api.POST("/api/parked/drop", { body }));
  return { fate: "dropped", count: dropped, more };
}

function selectionOf(which: Which) {
  if ("entries" in which) return { ids: which.entries.map(({ id }) => id) };
  return isFiltered(which.filter) ? asSelection(which.filter) : { all: true };
}
