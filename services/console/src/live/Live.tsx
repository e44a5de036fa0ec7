import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";

import { meQuery } from "../session/me";
import { refreshAfter } from "./caches";
import { gather } from "./gather";
import type { Hint } from "./hints";
import { keepStream, type StreamState } from "./stream";

type Listener = (hints: Hint[]) => void;

interface LiveValue {
  state: StreamState;
  listen: (listener: Listener) => () => void;
}

const LiveContext = createContext<LiveValue>({ state: "connecting", listen: () => () => {} });

/** The tab's one event stream. What it hints at is read again. */
export function Live({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [state, setState] = useState<StreamState>("connecting");
  const listeners = useRef(new Set<Listener>());

  useEffect(() => {
    const hints = gather<Hint>(
      gathered => {
        refreshAfter(gathered, queries);
        listeners.current.forEach(listener => listener(gathered));
      },
      { soonMs: 20, everyMs: 250 },
    );
    const stopStream = keepStream("/api/events", {
      onHint: hints.add,
      onState: setState,
      onRefused: async () => {
        await queries.fetchQuery({ ...meQuery, staleTime: 0 });
      },
    });
    return () => {
      stopStream();
      hints.stop();
    };
  }, [queries]);

  const value = useMemo(
    () => ({
      state,
      listen: (listener: Listener) => {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [state],
  );
  return <LiveContext value={value}>{children}</LiveContext>;
}

export function useStreamState(): StreamState {
  return useContext(LiveContext).state;
}

/** For what a query cache alone cannot do: lists that must not move under the reader. */
export function useHints(listener: Listener): void {
  const { listen } = useContext(LiveContext);
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => listen(hints => latest.current(hints)), [listen]);
}
