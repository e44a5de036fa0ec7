import { Modal, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { connectionsQuery } from "../connections/queries";
import { useSwitchAccount } from "../session/leave";
import { useSignedIn } from "../session/me";
import { PLACES } from "./places";
import { type Target, findTargets } from "./targets";
import styles from "./shell.module.css";

export function JumpDialog({ close }: { close: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={close}
      title={t("jump.title")}
      yOffset="12vh"
      centered={false}
      closeButtonProps={{ "aria-label": t("dialog.close") }}
    >
      <Jump close={close} />
    </Modal>
  );
}

/** A field and what fits to what is typed in it; arrows choose, Enter goes. */
function Jump({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const targets = findTargets(useTargets(), typed).slice(0, 12);
  const active = Math.min(chosen, targets.length - 1);

  function go(target: Target | undefined): void {
    if (!target) return;
    close();
    target.go();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && targets.length > 0) {
      event.preventDefault();
      setChosen((active + step + targets.length) % targets.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(targets[active]);
    }
  }

  return (
    <>
      <TextInput
        data-autofocus
        aria-label={t("jump.placeholder")}
        placeholder={t("jump.placeholder")}
        value={typed}
        onChange={event => {
          setTyped(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={targets.length > 0 ? `${listId}-${active}` : undefined}
        autoComplete="off"
      />
      <ul role="listbox" id={listId} aria-label={t("jump.title")} className={styles.targets}>
        {targets.map((target, index) => (
          <li
            key={target.key}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === active}
            className={styles.target}
            onPointerMove={() => setChosen(index)}
            onClick={() => go(target)}
          >
            <bdi className="one-line">{target.name}</bdi>
            <span className={styles.targetKind}>{target.kind}</span>
          </li>
        ))}
      </ul>
      {targets.length === 0 && <p className={styles.noTarget}>{t("jump.nothing")}</p>}
    </>
  );
}

function useTargets(): Target[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const switchAccount = useSwitchAccount();
  const { account, accounts } = useSignedIn();
  const connections = useInfiniteQuery(connectionsQuery).data?.pages.flatMap(page => page.data) ?? [];
  return [
    ...PLACES.map(({ name, to }) => ({
      key: to,
      name: t(`places.${name}`),
      kind: t("jump.places"),
      go: () => void navigate({ to }),
    })),
    ...connections.map(({ id, name }) => ({
      key: `connection-${id}`,
      name,
      kind: t("jump.pages"),
      go: () => void navigate({ to: "/connections/$id", params: { id } }),
    })),
    ...accounts
      .filter(({ id }) => id !== account.id)
      .map(({ id, name }) => ({
        key: `account-${id}`,
        name,
        kind: t("jump.accounts"),
        go: () => switchAccount.mutate(id),
      })),
  ];
}
