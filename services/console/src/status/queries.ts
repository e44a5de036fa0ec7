import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import { RequestFailed } from "../api/request_failed";
import type { SystemHealth } from "../api/types";

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => readHealth(signal),
  staleTime: 5_000,
});

/** An unhealthy system answers 503 with the same checks, which are what one wants to see then. */
async function readHealth(signal: AbortSignal): Promise<SystemHealth> {
  try {
    return await answer(api.GET("/api/health", { signal }));
  } catch (error) {
    if (error instanceof RequestFailed && error.status === 503 && isHealth(error.body)) return error.body;
    throw error;
  }
}

function isHealth(body: object): body is SystemHealth {
  return "checks" in body && "status" in body;
}
