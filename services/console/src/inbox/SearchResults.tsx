import { Button } from "@mantine/core";
import { IconSearchOff } from "@tabler/icons-react";
import { useInfiniteQuery, type UseInfiniteQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { ContactLine, FoundMessage } from "../api/types";
import { ContactAvatar } from "../parts/ContactAvatar";
import { Empty } from "../parts/Empty";
import { LoadingRows } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { singleLine } from "../text/contained";
import { TimeAgo } from "../time/Time";
import { customerName } from "./customer_name";
import { contactSearchQuery, markedParts, messageSearchQuery } from "./search";
import styles from "./search.module.css";
import { useFoundKeys } from "./use_row_keys";

interface SearchResultsProps {
  q: string;
  connection: number | undefined;
}

/** Customers by what is known of them, then messages by their words. */
export function SearchResults(search: SearchResultsProps) {
  const { t } = useTranslation();
  const contacts = useInfiniteQuery(contactSearchQuery(search));
  const messages = useInfiniteQuery(messageSearchQuery(search));
  const list = useRef<HTMLDivElement>(null);
  const keys = useFoundKeys(list);
  if (contacts.isPending || messages.isPending) return <LoadingRows count={8} height={68} />;
  const people = contacts.data?.pages.flatMap(page => page.data).filter(hasConversation) ?? [];
  const found = messages.data?.pages.flatMap(page => page.data) ?? [];
  const isWhole = contacts.data && messages.data;
  return (
    <div ref={list} className={styles.results} data-testid="search-results" {...keys}>
      {isWhole && people.length + found.length === 0 && (
        <Empty icon={<IconSearchOff />} title={t("search.nothing")} why={t("search.nothingWhy")} />
      )}
      {(people.length > 0 || !contacts.data) && (
        <Part title={t("search.customers")} query={contacts}>
          {people.map(contact => (
            <FoundCustomer key={contact.id} contact={contact} />
          ))}
        </Part>
      )}
      {(found.length > 0 || !messages.data) && (
        <Part title={t("search.messages")} query={messages}>
          {found.map(message => (
            <Found key={message.id} message={message} />
          ))}
        </Part>
      )}
    </div>
  );
}

type WithConversation = ContactLine & { conversation_id: number };

/** One that wrote nothing yet leads nowhere. */
function hasConversation(contact: ContactLine): contact is WithConversation {
  return typeof contact.conversation_id === "number";
}

interface PartProps {
  title: string;
  query: UseInfiniteQueryResult;
  children: ReactNode;
}

function Part({ title, query, children }: PartProps) {
  const { t } = useTranslation();
  return (
    <section aria-label={title}>
      <h2 className={styles.title}>{title}</h2>
      {query.data ? (
        <ul className={styles.list}>{children}</ul>
      ) : (
        <div className={styles.problem}>
          <ProblemNotice what={t("search.failed")} error={query.error} retry={() => void query.refetch()} />
        </div>
      )}
      {query.hasNextPage && (
        <div className={styles.more}>
          <Button
            size="xs"
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t("search.more")}
          </Button>
        </div>
      )}
    </section>
  );
}

function FoundCustomer({ contact }: { contact: WithConversation }) {
  const { t } = useTranslation();
  const facts = [contact.email, contact.phone, ...contact.tags].filter(Boolean).join(" · ");
  return (
    <Row id={contact.conversation_id}>
      <ContactAvatar contact={contact} platform={platformOf(contact.connection.connection_type)} />
      <span className={styles.lines}>
        <bdi className={`${styles.name} one-line`}>{customerName(contact, t)}</bdi>
        <bdi className={`${styles.text} one-line`}>{singleLine(facts || contact.connection.name)}</bdi>
      </span>
    </Row>
  );
}

function Found({ message }: { message: FoundMessage }) {
  const { t } = useTranslation();
  const { id, contact, connection } = message.conversation;
  return (
    <Row id={id}>
      <ContactAvatar contact={contact} platform={platformOf(connection.connection_type)} />
      <span className={styles.lines}>
        <span className={styles.head}>
          <bdi className={`${styles.name} one-line`}>{customerName(contact, t)}</bdi>
          <TimeAgo at={message.sent_at} className={styles.time} />
        </span>
        <bdi className={`${styles.text} from-outside`}>
          {message.from_page && `${t("inbox.you")} `}
          {markedParts(message.snippet).map((part, index) =>
            part.isFound ? (
              <mark key={index}>{singleLineKeepingEnds(part.text)}</mark>
            ) : (
              singleLineKeepingEnds(part.text)
            ),
          )}
        </bdi>
      </span>
    </Row>
  );
}

function Row({ id, children }: { id: number; children: ReactNode }) {
  return (
    <li>
      <Link
        to="/inbox/{-$conversation}"
        params={{ conversation: id }}
        search={now => ({ ...now, contact: undefined })}
        data-conversation={id}
        className={styles.row}
        activeProps={{ "aria-current": true }}
      >
        {children}
      </Link>
    </li>
  );
}

function platformOf(connectionType: string): string {
  return connectionType === "instagram" ? "instagram" : "messenger";
}

/** The parts of one text: the spaces between them stay. */
function singleLineKeepingEnds(text: string): string {
  return singleLine(`|${text}|`).slice(1, -1);
}
