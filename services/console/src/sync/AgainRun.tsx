import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { Run } from "../api/types";
import { replayRun } from "../parked/queries";
import { ProblemNotice } from "../parts/ProblemNotice";
import { mayManage, useSignedIn } from "../session/me";

/** Has a run tried again that was put aside: its command is replayed. */
export function AgainRun({ run }: { run: Run }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const isAllowed = mayManage(useSignedIn());
  const again = useMutation({
    mutationFn: () => replayRun(run),
    onSettled: () => {
      for (const key of ["run", "runs", "parked", "parked-total"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
  return (
    <>
      <Button
        loading={again.isPending}
        disabled={!isAllowed}
        title={isAllowed ? undefined : t("failed.forbidden")}
        onClick={() => again.mutate()}
      >
        {t("run.again")}
      </Button>
      {again.isError && <ProblemNotice what={t("run.againFailed")} error={again.error} />}
      {again.data === false && <p role="alert">{t("run.againGone")}</p>}
    </>
  );
}
