import { ActionIcon, Button, Group, Menu, Tooltip } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { RequestFailed } from "../api/request_failed";
import type { Connection } from "../api/types";
import { mayManage, useSignedIn } from "../session/me";
import { contained } from "../text/contained";
import { startSync, type SyncPart } from "./queries";
import { StartedRun } from "./StartedRun";
import styles from "./sync.module.css";

const PARTS: SyncPart[] = ["details", "contacts", "full"];

/** Fetches a Page again, or a part of it. Its progress then stands in the Page's row. */
export function SyncNow({ connection }: { connection: Connection }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const isAllowed = mayManage(useSignedIn());
  const start = useMutation({
    mutationFn: (part: SyncPart) => startSync(part, connection.id),
    onSuccess: async () => {
      await Promise.all(["connections", "runs"].map(key => queries.invalidateQueries({ queryKey: [key] })));
    },
  });
  return (
    <div>
      <Group gap={1} wrap="nowrap">
        <Tooltip label={isAllowed ? t("sync.nowHint") : t("failed.forbidden")}>
          <Button
            variant="default"
            fullWidth
            loading={start.isPending}
            aria-disabled={!isAllowed}
            onClick={() => isAllowed && start.mutate("full")}
          >
            {t("sync.now")}
          </Button>
        </Tooltip>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon
              variant="default"
              size={36}
              disabled={!isAllowed || start.isPending}
              aria-label={t("sync.more", { name: contained(connection.name) })}
              className={styles.moreParts ?? ""}
            >
              <IconChevronDown size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {PARTS.map(part => (
              <Menu.Item key={part} onClick={() => start.mutate(part)}>
                {t(`sync.parts.${part}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </Group>
      {start.isError && (
        <p role="alert" className={styles.startFailed}>
          {whyNot(start.error) ?? t("sync.startFailed")}
        </p>
      )}
      {typeof start.data === "number" && <StartedRun id={start.data} />}
    </div>
  );
}

/** A Page that cannot be synced is said to need something else first. */
function whyNot(error: unknown): string | null | undefined {
  return error instanceof RequestFailed && error.status === 409 ? error.problem.detail : null;
}
