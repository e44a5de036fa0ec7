import { EVENT_NAMES, type Hint, readHint } from "./hints";

export type StreamState = "connecting" | "open" | "away";

interface StreamOptions {
  onHint: (hint: Hint) => void;
  onState: (state: StreamState) => void;
  /** The gateway closed the stream for good: is there still a session? Rejects where that cannot be told. */
  onRefused: () => Promise<void>;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
/** A stream that is back sooner was not missed by anybody. */
const AWAY_AFTER_MS = 4_000;

/**
 * Keeps one event stream open until it is stopped. Each time it opens it hints at everything: also at first, something
 * may have changed after a page was read.
 */
export function keepStream(url: string, { onHint, onState, onRefused }: StreamOptions): () => void {
  let source: EventSource;
  let retryMs = FIRST_RETRY_MS;
  let stopped = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let away: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    source = new EventSource(url);
    source.onopen = () => {
      clearTimeout(away);
      away = undefined;
      retryMs = FIRST_RETRY_MS;
      onState("open");
      onHint({ kind: "resync" });
    };
    source.onerror = () => {
      away ??= setTimeout(() => onState("away"), AWAY_AFTER_MS);
      // Otherwise the browser connects again by itself.
      if (source.readyState === EventSource.CLOSED) reconnectLater();
    };
    for (const name of EVENT_NAMES) {
      source.addEventListener(name, event => onHint(readHint(name, (event as MessageEvent<string>).data)));
    }
  }

  function reconnectLater(): void {
    retry = setTimeout(() => {
      void onRefused()
        .catch(() => {})
        .then(() => {
          if (!stopped) connect();
        });
    }, retryMs);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }

  onState("connecting");
  connect();
  return () => {
    stopped = true;
    clearTimeout(retry);
    clearTimeout(away);
    source.close();
  };
}
