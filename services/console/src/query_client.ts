import { QueryClient } from "@tanstack/react-query";

import { RequestFailed } from "./api/request_failed";

/** Tries after the first one, where trying again can help. */
const RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // The event stream says when something is old; a focus says nothing.
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < RETRIES && isPassing(error),
    },
  },
});

function isPassing(error: unknown): boolean {
  return !(error instanceof RequestFailed) || error.status === 0 || error.status >= 500;
}
