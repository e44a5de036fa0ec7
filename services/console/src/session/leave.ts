import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { answer, api } from "../api/client";
import { meQuery } from "./me";

export function useLogOut() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => api.POST("/api/auth/logout"),
    onSuccess: async () => {
      await navigate({ to: "/login", search: { left: true } });
      queries.clear();
    },
  });
}

/** Another account is another world: nothing that was read before is shown in it. */
export function useSwitchAccount() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (accountId: number) =>
      answer(api.POST("/api/auth/switch-account", { body: { account_id: accountId } })),
    onSuccess: async me => {
      await navigate({ to: "/status" });
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
      queries.setQueryData(meQuery.queryKey, me);
      await navigate({ to: "/inbox/{-$conversation}", params: { conversation: undefined } });
    },
  });
}
