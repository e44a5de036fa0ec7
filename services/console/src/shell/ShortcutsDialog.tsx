import { Modal } from "@mantine/core";
import type { ParseKeys } from "i18next";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";

import styles from "./shell.module.css";

const SHORTCUTS: { keys: string[]; does: ParseKeys }[] = [
  { keys: ["Ctrl K"], does: "shortcuts.jump" },
  { keys: ["J", "↓"], does: "shortcuts.next" },
  { keys: ["K", "↑"], does: "shortcuts.previous" },
  { keys: ["Enter"], does: "shortcuts.open" },
  { keys: ["Esc"], does: "shortcuts.back" },
  { keys: ["/"], does: "shortcuts.search" },
  { keys: ["?"], does: "shortcuts.help" },
];

export function ShortcutsDialog({ close }: { close: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={close} title={t("shortcuts.title")} closeButtonProps={{ "aria-label": t("dialog.close") }}>
      <dl className={styles.shortcuts}>
        {SHORTCUTS.map(({ keys, does }) => (
          <div key={does} className={styles.shortcut}>
            <dt>
              {keys.map((key, index) => (
                <Fragment key={key}>
                  {index > 0 && ` ${t("shortcuts.or")} `}
                  <kbd>{key}</kbd>
                </Fragment>
              ))}
            </dt>
            <dd>{t(does)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
