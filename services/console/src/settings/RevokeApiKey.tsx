import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api } from "../api/client";
import type { ApiKey } from "../api/types";
import { ProblemNotice } from "../parts/ProblemNotice";
import { contained } from "../text/contained";
import { apiKeysQuery } from "./queries";
import styles from "./settings.module.css";

export function RevokeApiKey({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useTranslation();
  const [isAsking, setIsAsking] = useState(false);
  const name = contained(apiKey.name);
  return (
    <>
      <Button
        variant="default"
        size="xs"
        onClick={() => setIsAsking(true)}
        aria-label={t("keys.revokeNamed", { name })}
      >
        {t("keys.revoke")}
      </Button>
      <Modal
        opened={isAsking}
        onClose={() => setIsAsking(false)}
        title={t("keys.revokeTitle", { name })}
        closeButtonProps={{ "aria-label": t("dialog.close") }}
      >
        <Confirmation apiKey={apiKey} close={() => setIsAsking(false)} />
      </Modal>
    </>
  );
}

function Confirmation({ apiKey, close }: { apiKey: ApiKey; close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => api.DELETE("/api/api-keys/{id}", { params: { path: { id: apiKey.id } } }),
    onSuccess: () => {
      queries.setQueryData(apiKeysQuery.queryKey, keys => keys?.filter(({ id }) => id !== apiKey.id));
      close();
    },
  });
  return (
    <Stack gap="md">
      <Text>{t("keys.revokeWhat")}</Text>
      {revoke.isError && <ProblemNotice what={t("keys.revokeFailed")} error={revoke.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close} data-autofocus>
          {t("keys.cancel")}
        </Button>
        <Button className={styles.destructive ?? ""} loading={revoke.isPending} onClick={() => revoke.mutate()}>
          {t("keys.revokeConfirm")}
        </Button>
      </Group>
    </Stack>
  );
}
