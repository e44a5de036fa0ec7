import { Button, Group, Modal, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import type { Run } from "../api/types";
import { hasEnded, runQuery } from "../connect/queries";
import { ProblemNotice } from "../parts/ProblemNotice";
import { mayManage, useSignedIn } from "../session/me";
import { contained } from "../text/contained";
import { kindInWords } from "./run_words";
import styles from "./sync.module.css";

/** Ends a run early, after saying what stays. */
export function CancelRun({ run }: { run: Run }) {
  const { t } = useTranslation();
  const [isAsking, setIsAsking] = useState(false);
  const isAllowed = mayManage(useSignedIn());
  const kind = kindInWords(run.kind, t);
  return (
    <>
      <Button
        variant="default"
        disabled={!isAllowed || run.cancel_requested}
        title={isAllowed ? undefined : t("failed.forbidden")}
        onClick={() => setIsAsking(true)}
      >
        {t("run.cancel")}
      </Button>
      <Modal
        // One that has ended meanwhile needs no answer.
        opened={isAsking && !hasEnded(run)}
        onClose={() => setIsAsking(false)}
        title={
          run.connection
            ? t("run.cancelTitle", { kind, name: contained(run.connection.name) })
            : t("run.cancelTitlePlain", { kind })
        }
        closeButtonProps={{ "aria-label": t("dialog.close") }}
      >
        <Confirmation run={run} close={() => setIsAsking(false)} />
      </Modal>
    </>
  );
}

function Confirmation({ run, close }: { run: Run; close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => answer(api.POST("/api/sync-runs/{id}/cancel", { params: { path: { id: run.id } } })),
    onSuccess: changed => {
      queries.setQueryData(runQuery(run.id).queryKey, changed);
      void queries.invalidateQueries({ queryKey: ["runs"] });
      close();
    },
  });
  return (
    <Stack gap="md">
      <ul className={styles.consequences}>
        <li>{t("run.cancelEnds")}</li>
        <li>{t("run.cancelStays")}</li>
        {run.connection && <li>{t("run.cancelLater")}</li>}
      </ul>
      {cancel.isError && <ProblemNotice what={t("run.cancelFailed")} error={cancel.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close} data-autofocus>
          {t("run.keep")}
        </Button>
        <Button className={styles.destructive ?? ""} loading={cancel.isPending} onClick={() => cancel.mutate()}>
          {t("run.cancelConfirm")}
        </Button>
      </Group>
    </Stack>
  );
}
