import { Skeleton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { RequestFailed } from "../api/request_failed";
import { brokenConnectionsQuery } from "../connections/queries";
import { Live, useStreamState } from "../live/Live";
import { LoadingRows } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { meQuery } from "../session/me";
import { AccountTimes } from "../time/AccountTimes";
import { chosenLanguage } from "../words/chosen_language";
import { speak } from "../words/i18n";
import { AccountMenu } from "./AccountMenu";
import { Banner } from "./Banner";
import { Navigation } from "./Navigation";
import styles from "./shell.module.css";

const JumpDialog = lazy(() => import("./JumpDialog").then(({ JumpDialog }) => ({ default: JumpDialog })));
const ShortcutsDialog = lazy(() =>
  import("./ShortcutsDialog").then(({ ShortcutsDialog }) => ({ default: ShortcutsDialog })),
);

/** What stands around every place once somebody is signed in. */
export function Shell() {
  const { t } = useTranslation();
  const me = useQuery(meQuery);
  // Read beside it: a banner that came later would push down what is being read.
  const banner = useQuery(brokenConnectionsQuery);
  const hasWords = useWords(me.data?.account.language);
  if (me.isPending || !banner.isFetched) return <ShellOutline />;
  // The end of a session leads to the sign-in by itself.
  if (me.error instanceof RequestFailed && me.error.status === 401) return <ShellOutline />;
  if (!me.data) {
    return (
      <main className={styles.broken}>
        <ProblemNotice what={t("app.notLoaded")} error={me.error} retry={() => void me.refetch()} />
      </main>
    );
  }
  if (!hasWords) return <ShellOutline />;
  return (
    <Live>
      <AccountTimes>
        <SignedIn key={me.data.account.id} />
      </AccountTimes>
    </Live>
  );
}

function SignedIn() {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<"jump" | "shortcuts" | null>(null);
  const isAway = useStreamState() === "away";
  useHotkeys([["mod+K", () => setDialog("jump")]], []);
  useHotkeys([["shift+?", () => setDialog("shortcuts")]], undefined, false);

  return (
    <div className={styles.shell}>
      <a className="skip-link" href="#content">
        {t("app.skip")}
      </a>
      <header className={styles.rail}>
        <AccountMenu showJump={() => setDialog("jump")} showShortcuts={() => setDialog("shortcuts")} />
        <Navigation />
        <p className={styles.away} role="status">
          {isAway && t("live.away")}
        </p>
      </header>
      <main id="content" tabIndex={-1} className={styles.content}>
        <Banner />
        <div className={styles.outlet}>
          <Suspense>
            <Outlet />
          </Suspense>
        </div>
      </main>
      <Suspense>
        {dialog === "jump" && <JumpDialog close={() => setDialog(null)} />}
        {dialog === "shortcuts" && <ShortcutsDialog close={() => setDialog(null)} />}
      </Suspense>
    </div>
  );
}

/** Whether the account's language is spoken: words that change after the first paint would move everything. */
function useWords(ofAccount: string | undefined): boolean {
  const { i18n } = useTranslation();
  const language = ofAccount === undefined ? undefined : chosenLanguage(ofAccount);
  useEffect(() => {
    if (language) void speak(language);
  }, [language]);
  return language === i18n.language;
}

/** The surfaces alone, until it is known who is signed in. */
function ShellOutline() {
  return (
    <div className={styles.shell} aria-busy="true">
      <div className={styles.rail}>
        <div className={`delayed ${styles.railOutline}`}>
          <Skeleton height={36} />
          <Skeleton height={20} width="70%" />
          <Skeleton height={20} width="80%" />
          <Skeleton height={20} width="60%" />
        </div>
      </div>
      <main className={styles.content}>
        <LoadingRows count={8} height={68} />
      </main>
    </div>
  );
}
