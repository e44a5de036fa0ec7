import { Menu, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconChevronDown, IconKeyboard, IconLogout, IconSearch } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { known, ROLES } from "../api/known";
import { useLogOut, useSwitchAccount } from "../session/leave";
import { useSignedIn } from "../session/me";
import { contained } from "../text/contained";
import { initialsOf } from "../text/initials";
import styles from "./shell.module.css";

interface AccountMenuProps {
  showJump: () => void;
  showShortcuts: () => void;
}

/** Which account this is; the others; help; the way out. */
export function AccountMenu({ showJump, showShortcuts }: AccountMenuProps) {
  const { t } = useTranslation();
  const { account, accounts, user } = useSignedIn();
  const logOut = useLogOut();
  const switchAccount = useSwitchAccount();
  return (
    <Menu position="bottom-start" width={280} withinPortal withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <button type="button" className={styles.account}>
          <span className={styles.accountMark} aria-hidden>
            {initialsOf(account.name) || "P"}
          </span>
          <bdi className={`${styles.accountName} one-line`}>{account.name}</bdi>
          <VisuallyHidden>{t("account.menu")}</VisuallyHidden>
          <IconChevronDown size={16} aria-hidden className={styles.accountChevron} />
        </button>
      </Menu.Target>
      <Menu.Dropdown className={styles.accountDropdown}>
        <Menu.Label>{t("account.accounts")}</Menu.Label>
        {accounts.map(other => (
          <Menu.Item
            key={other.id}
            onClick={() => other.id !== account.id && switchAccount.mutate(other.id)}
            rightSection={other.id === account.id ? <IconCheck size={16} aria-hidden /> : undefined}
            aria-current={other.id === account.id || undefined}
          >
            <bdi className={`${styles.menuName} one-line`}>{other.name}</bdi>
            <span className={styles.menuRole}>{t(`roles.${known(ROLES, other.role) ?? "agent"}`)}</span>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconSearch size={16} aria-hidden />}
          onClick={showJump}
          rightSection={<kbd>Ctrl K</kbd>}
        >
          {t("account.jump")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconKeyboard size={16} aria-hidden />}
          onClick={showShortcuts}
          rightSection={<kbd>?</kbd>}
        >
          {t("account.shortcuts")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label className="one-line">{t("account.signedInAs", { name: contained(user.name) })}</Menu.Label>
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden />}
          closeMenuOnClick={false}
          disabled={logOut.isPending}
          onClick={() => logOut.mutate()}
        >
          {t("account.logOut")}
        </Menu.Item>
        {(logOut.isError || switchAccount.isError) && (
          <p role="alert" className={styles.menuProblem}>
            {t(logOut.isError ? "account.logOutFailed" : "account.switchFailed")}
          </p>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
