import { useHotkeys } from "@mantine/hooks";
import { type KeyboardEvent, type RefObject, useEffect, useRef } from "react";

import type { Conversation } from "../api/types";

interface RowKeysOptions {
  rows: Conversation[];
  selected: number | undefined;
  scrollTo: (index: number) => void;
  container: RefObject<HTMLElement | null>;
}

/** `j` and `k` everywhere, the arrows inside the list, move the focus from row to row; `Enter` follows its link. */
export function useRowKeys({ rows, selected, scrollTo, container }: RowKeysOptions) {
  const wanted = useRef<number | null>(null);

  function move(step: 1 | -1): void {
    const from = rows.findIndex(row => row.id === (focusedRow(container.current) ?? selected));
    const index = from < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, from + step));
    const row = rows[index];
    if (!row) return;
    wanted.current = row.id;
    scrollTo(index);
    focusWanted();
  }

  function focusWanted(): void {
    if (wanted.current === null) return;
    const row = container.current?.querySelector<HTMLElement>(`[data-conversation="${wanted.current}"]`);
    if (!row) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  }

  // A row that was outside the screen is in the document only after the scroll.
  useEffect(focusWanted);
  useHotkeys([
    ["j", () => move(1)],
    ["k", () => move(-1)],
  ]);

  return { onKeyDown: onArrows(move) };
}

/** The same in a list that is in the document whole, and may lead to a conversation twice. */
export function useFoundKeys(container: RefObject<HTMLElement | null>) {
  function move(step: 1 | -1): void {
    const rows = [...(container.current?.querySelectorAll<HTMLElement>("[data-conversation]") ?? [])];
    const focused = rows.findIndex(row => row === document.activeElement);
    const from = focused >= 0 ? focused : rows.findIndex(row => row.hasAttribute("aria-current"));
    rows[from < 0 ? 0 : from + step]?.focus();
  }

  useHotkeys([
    ["j", () => move(1)],
    ["k", () => move(-1)],
  ]);

  return { onKeyDown: onArrows(move) };
}

function onArrows(move: (step: 1 | -1) => void) {
  return (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : null;
    if (step === null || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move(step);
  };
}

function focusedRow(container: HTMLElement | null): number | null {
  const focused = document.activeElement;
  const id = container?.contains(focused) ? focused?.getAttribute("data-conversation") : null;
  return id ? Number(id) : null;
}
