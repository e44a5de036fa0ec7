import { IconMessages } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { Empty } from "../parts/Empty";
import { LoadingRows } from "../parts/Loading";
import { usePlaceTitle } from "../parts/PlacePage";
import { ContactPanel } from "./ContactPanel";
import { ConversationList } from "./ConversationList";
import { ListHeader } from "./ListHeader";
import { Thread } from "./Thread";
import { useFilter } from "./filter";
import styles from "./inbox.module.css";

const SearchResults = lazy(() => import("./SearchResults").then(({ SearchResults }) => ({ default: SearchResults })));
const route = getRouteApi("/signed-in/inbox/{-$conversation}");

/** Who needs an answer? List, thread, contact: three panes on a desktop, one at a time on a phone. */
export function InboxPage() {
  const { t } = useTranslation();
  const { conversation: selected } = route.useParams();
  const { contact: showsContact, q } = route.useSearch();
  const filter = useFilter();
  const back = useBack(selected);
  usePlaceTitle(t("inbox.title"));

  return (
    <div className={styles.inbox} data-whole-screen={selected === undefined ? undefined : ""}>
      <section className={styles.listPane} aria-label={t("inbox.list")}>
        <ListHeader filter={filter} />
        {q ? (
          <Suspense fallback={<LoadingRows count={8} height={68} />}>
            <SearchResults q={q} connection={filter.connection} />
          </Suspense>
        ) : (
          <ConversationList key={JSON.stringify(filter)} filter={filter} selected={selected} />
        )}
      </section>
      {selected === undefined ? (
        <div className={styles.noThread}>
          <Empty icon={<IconMessages />} title={t("inbox.choose")} why={t("inbox.chooseWhy")} />
        </div>
      ) : (
        <>
          <Thread key={selected} id={selected} close={back} />
          <ContactPanel key={`contact-${selected}`} conversationId={selected} isShown={showsContact === true} />
        </>
      )}
    </div>
  );
}

/** Esc and the back button lead to the list; focus goes back to the row that was opened. */
function useBack(selected: number | undefined): () => void {
  const navigate = route.useNavigate();
  const opened = useRef(selected);
  useEffect(() => {
    if (selected !== undefined) {
      opened.current = selected;
      return;
    }
    document.querySelector<HTMLElement>(`[data-conversation="${opened.current}"]`)?.focus({ preventScroll: true });
  }, [selected]);

  const back = () =>
    void navigate({ params: { conversation: undefined }, search: now => ({ ...now, contact: undefined }) });
  useEffect(() => {
    if (selected === undefined) return;
    const onKey = (event: KeyboardEvent) => {
      const isBusy = event.defaultPrevented || document.querySelector("[role=dialog], [role=menu], [role=listbox]");
      if (event.key === "Escape" && !isBusy) back();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  return back;
}
