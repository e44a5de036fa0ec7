import { Anchor, Button } from "@mantine/core";
import { IconArrowLeft, IconCircleCheck, IconFilterOff } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { Card, CardPadding } from "../parts/Card";
import { Empty } from "../parts/Empty";
import { LoadingRows } from "../parts/Loading";
import { PlacePage } from "../parts/PlacePage";
import { ProblemNotice } from "../parts/ProblemNotice";
import { mayManage, useSignedIn } from "../session/me";
import { localeOf } from "../words/languages";
import { ParkedFilters } from "./ParkedFilters";
import { ParkedList } from "./ParkedList";
import { isFiltered, type ParkedFilter, parkedQuery, sumOf } from "./queries";
import styles from "./parked.module.css";

const route = getRouteApi("/signed-in/sync/parked");

/** What did not work and waits for me? */
export function ParkedPage() {
  const { t } = useTranslation();
  const filter = route.useSearch();
  const isAllowed = mayManage(useSignedIn());
  return (
    <PlacePage title={t("parked.title")} lead={<Lead />}>
      {isAllowed ? <Parked filter={filter} /> : <p>{t("parked.forbidden")}</p>}
    </PlacePage>
  );
}

function Lead() {
  const { t } = useTranslation();
  return (
    <>
      <Anchor renderRoot={props => <Link {...props} to="/sync" />} className={styles.back ?? ""}>
        <IconArrowLeft size={16} aria-hidden /> {t("run.back")}
      </Anchor>
      <p className={styles.lead}>{t("parked.lead")}</p>
    </>
  );
}

function Parked({ filter }: { filter: ParkedFilter }) {
  const { t, i18n } = useTranslation();
  const parked = useInfiniteQuery(parkedQuery(filter));
  const [first] = parked.data?.pages ?? [];
  const count = first ? sumOf(first.totals) : 0;
  const formatted = new Intl.NumberFormat(localeOf(i18n.language)).format(count);
  const entries = parked.data?.pages.flatMap(page => page.data) ?? [];
  const words = count === 0 ? t("parked.list") : t("parked.waiting", { count, formatted });
  return (
    <Card title={words}>
      {(count > 0 || isFiltered(filter)) && <ParkedFilters filter={filter} totals={first?.totals ?? {}} />}
      {first && !first.complete && (
        <div className={styles.incomplete} role="status">
          {t("parked.incomplete")}
          <Button size="xs" variant="default" onClick={() => void parked.refetch()}>
            {t("parked.lookAgain")}
          </Button>
        </div>
      )}
      {parked.isPending ? (
        <LoadingRows count={4} height={76} />
      ) : !first ? (
        <CardPadding>
          <ProblemNotice what={t("parked.loadFailed")} error={parked.error} retry={() => void parked.refetch()} />
        </CardPadding>
      ) : (
        // A new list is a new choice.
        <ParkedList
          key={JSON.stringify(filter)}
          entries={entries}
          filter={filter}
          empty={<Nothing waits={count > 0} />}
        />
      )}
      {parked.isFetchNextPageError && (
        <CardPadding>
          <ProblemNotice what={t("parked.moreFailed")} error={parked.error} />
        </CardPadding>
      )}
      {parked.hasNextPage && (
        <CardPadding>
          <Button variant="default" loading={parked.isFetchingNextPage} onClick={() => void parked.fetchNextPage()}>
            {t("parked.more")}
          </Button>
        </CardPadding>
      )}
    </Card>
  );
}

function Nothing({ waits }: { waits: boolean }) {
  const { t } = useTranslation();
  if (!waits) return <Empty icon={<IconCircleCheck />} title={t("parked.empty")} why={t("parked.emptyWhy")} />;
  return (
    <Empty icon={<IconFilterOff />} title={t("parked.emptyFilter")} why={t("parked.emptyFilterWhy")}>
      <Button variant="default" renderRoot={props => <Link {...props} to="/sync/parked" />}>
        {t("parked.showAll")}
      </Button>
    </Empty>
  );
}
