import createClient from "openapi-fetch";

import { RequestFailed } from "./request_failed";
import type { paths } from "./schema";

let onSessionEnded: () => void = () => {};

/** What to do when the gateway no longer knows the session. */
export function whenSessionEnds(act: () => void): void {
  onSessionEnded = act;
}

/**
 * The gateway. A call either gives its answer or throws `RequestFailed`: `const me = (await api.GET("/api/me")).data`.
 * The header is the gateway's proof that a page of ours sent the request; other sites cannot set it.
 */
export const api = createClient<paths>({
  baseUrl: "/",
  credentials: "same-origin",
  headers: { "X-Pagekeeper-Csrf": "1" },
});

api.use({
  async onResponse({ response }) {
    if (response.ok) return;
    if (response.status === 401) onSessionEnded();
    throw await RequestFailed.of(response);
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    return RequestFailed.unreachable();
  },
});

/** The body of an answer that has one. */
export async function answer<Body>(call: Promise<{ data?: Body }>): Promise<Body> {
  const { data } = await call;
  if (data === undefined) throw RequestFailed.unreachable();
  return data;
}
