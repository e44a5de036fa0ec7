import { Button, Group, Modal, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { namedInWords } from "./parked_words";
import { isFiltered } from "./queries";
import type { Which } from "./use_settle";
import styles from "./parked.module.css";

interface DropQuestionProps {
  /** What is asked about; null: nothing is. */
  which: Which | null;
  isBusy: boolean;
  close: () => void;
  drop: () => void;
}

/** Dropping cannot be undone: it names what goes, and asks. */
export function DropQuestion({ which, isBusy, close, drop }: DropQuestionProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={which !== null}
      onClose={close}
      title={which && <Title which={which} />}
      closeButtonProps={{ "aria-label": t("dialog.close") }}
    >
      <Stack gap="md">
        <ul className={styles.consequences}>
          <li>{t("parked.dropWhat")}</li>
          <li>{t("parked.dropStays")}</li>
        </ul>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            {t("parked.keep")}
          </Button>
          <Button className={styles.destructive ?? ""} loading={isBusy} onClick={drop}>
            {t("parked.dropConfirm")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Title({ which }: { which: Which }) {
  const { t } = useTranslation();
  if ("filter" in which) return t(isFiltered(which.filter) ? "parked.dropTitleFiltered" : "parked.dropTitleAll");
  const [only] = which.entries;
  return only && which.entries.length === 1
    ? t("parked.dropTitle", { what: namedInWords(only, t) })
    : t("parked.dropTitleMany", { count: which.entries.length });
}
