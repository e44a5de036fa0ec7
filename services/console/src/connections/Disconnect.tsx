import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import type { Connection } from "../api/types";
import { ProblemNotice } from "../parts/ProblemNotice";
import { mayManage, useSignedIn } from "../session/me";
import { contained } from "../text/contained";
import { connectionQuery } from "./queries";
import styles from "./connections.module.css";

/** Ends a connection, after saying what stops and what stays. */
export function Disconnect({ connection }: { connection: Connection }) {
  const { t } = useTranslation();
  const [isAsking, setIsAsking] = useState(false);
  const isAllowed = mayManage(useSignedIn());
  return (
    <div className={styles.disconnect}>
      <Text c="dimmed">{isAllowed ? t("connection.disconnectHint") : t("failed.forbidden")}</Text>
      <Button
        variant="default"
        className={styles.disconnectButton ?? ""}
        disabled={!isAllowed}
        onClick={() => setIsAsking(true)}
      >
        {t("connection.disconnect")}
      </Button>
      <Modal
        opened={isAsking}
        onClose={() => setIsAsking(false)}
        title={t("connection.disconnectTitle", { name: contained(connection.name) })}
        closeButtonProps={{ "aria-label": t("dialog.close") }}
      >
        <Confirmation connection={connection} close={() => setIsAsking(false)} />
      </Modal>
    </div>
  );
}

function Confirmation({ connection, close }: { connection: Connection; close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const disconnect = useMutation({
    mutationFn: () => answer(api.POST("/api/connections/{id}/disconnect", { params: { path: { id: connection.id } } })),
    onSuccess: ({ connection: changed }) => {
      queries.setQueryData(connectionQuery(connection.id).queryKey, changed);
      void queries.invalidateQueries({ queryKey: ["connections"] });
      close();
    },
  });
  return (
    <Stack gap="md">
      <ul className={styles.consequences}>
        <li>{t("connection.disconnectStops")}</li>
        <li>{t("connection.disconnectStays")}</li>
        <li>{t("connection.disconnectUndo")}</li>
      </ul>
      {disconnect.isError && <ProblemNotice what={t("connection.disconnectFailed")} error={disconnect.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close} data-autofocus>
          {t("connection.cancel")}
        </Button>
        <Button className={styles.destructive ?? ""} loading={disconnect.isPending} onClick={() => disconnect.mutate()}>
          {t("connection.disconnectConfirm")}
        </Button>
      </Group>
    </Stack>
  );
}
