import { Button, Code, CopyButton, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";

import { RequestFailed } from "../api/request_failed";
import styles from "./parts.module.css";

interface ProblemNoticeProps {
  /** What did not work, in the reader's words. */
  what: string;
  error: unknown;
  retry?: (() => void) | undefined;
}

/** What failed, why, the way on, and the id by which its cause is found. */
export function ProblemNotice({ what, error, retry }: ProblemNoticeProps) {
  const { t } = useTranslation();
  const failed = error instanceof RequestFailed ? error : null;
  return (
    <div role="alert" className={styles.problem}>
      <IconAlertTriangle size={20} aria-hidden className={styles.problemIcon} />
      <Stack gap={6} className={styles.problemText}>
        <Text fw={600}>{what}</Text>
        <Text className="from-outside">{reasonOf(failed, t)}</Text>
        {failed?.requestId && <RequestId id={failed.requestId} />}
        {retry && (
          <Group>
            <Button variant="default" size="xs" onClick={retry}>
              {t("failed.again")}
            </Button>
          </Group>
        )}
      </Stack>
    </div>
  );
}

function RequestId({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <Group gap={6} wrap="wrap">
      <Text size="xs" c="dimmed">
        {t("failed.requestId")}
      </Text>
      <Code className="from-outside">{id}</Code>
      <CopyButton value={id}>
        {({ copied, copy }) => (
          <button type="button" className={styles.textButton} onClick={copy} aria-live="polite">
            {copied ? t("failed.copied") : t("failed.copy")}
          </button>
        )}
      </CopyButton>
    </Group>
  );
}

/** The gateway's own sentence where it has one for people. */
function reasonOf(failed: RequestFailed | null, t: TFunction): string {
  switch (failed?.status) {
    case undefined:
    case 0:
      return t("failed.unreachable");
    case 403:
      return t("failed.forbidden");
    case 404:
      return t("failed.notFoundWhy");
    case 429:
      return t("failed.tooMany");
    default:
      return failed?.problem.detail ?? failed?.problem.title ?? "";
  }
}
