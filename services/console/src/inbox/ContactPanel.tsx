import { ActionIcon } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { known, PLATFORMS } from "../api/known";
import type { Conversation } from "../api/types";
import { ContactAvatar } from "../parts/ContactAvatar";
import { CopyIcon } from "../parts/CopyIcon";
import { LoadingLines } from "../parts/Loading";
import { PagePicture } from "../parts/PagePicture";
import { ProblemNotice } from "../parts/ProblemNotice";
import { TimeAgo } from "../time/Time";
import { customerName } from "./customer_name";
import { contactQuery } from "./contact_query";
import { useConversation } from "./use_conversation";
import { WrittenOfContact } from "./WrittenOfContact";
import styles from "./contact.module.css";

const route = getRouteApi("/signed-in/inbox/{-$conversation}");

/** Who is this customer? */
export function ContactPanel({ conversationId, isShown }: { conversationId: number; isShown: boolean }) {
  const { t } = useTranslation();
  const conversation = useConversation(conversationId).data;
  const navigate = route.useNavigate();
  return (
    <aside className={styles.panel} data-shown={isShown || undefined} aria-label={t("contact.title")}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={44}
        className={styles.close}
        aria-label={t("thread.closeContact")}
        onClick={() => void navigate({ search: now => ({ ...now, contact: undefined }) })}
      >
        <IconArrowLeft size={22} />
      </ActionIcon>
      {conversation && (
        <>
          <div className={styles.who}>
            <ContactAvatar contact={conversation.contact} platform={conversation.platform} size="lg" />
            <h2 className={`${styles.name} from-outside`}>
              <bdi>{customerName(conversation.contact, t)}</bdi>
            </h2>
            {!conversation.contact.name && <p className={styles.nameless}>{t("inbox.namelessWhy")}</p>}
          </div>
          <ContactFacts conversation={conversation} />
        </>
      )}
    </aside>
  );
}

function ContactFacts({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { connection, platform, last_message_at: lastMessageAt } = conversation;
  const contact = useQuery(contactQuery(conversation.contact.id));
  if (contact.isError && !contact.data) {
    return <ProblemNotice what={t("contact.loadFailed")} error={contact.error} retry={() => void contact.refetch()} />;
  }
  if (!contact.data) return <LoadingLines count={6} />;
  return (
    <>
      <div className={styles.written}>
        <WrittenOfContact key={contact.data.id} contact={contact.data} />
      </div>
      <dl className={styles.facts}>
        <dt>{t("contact.page")}</dt>
        <dd>
          <PagePicture id={connection.id} name={connection.name} url={connection.picture_url} size="sm" />
          <Link to="/connections/$id" params={{ id: connection.id }} className="from-outside">
            <bdi>{connection.name}</bdi>
          </Link>
        </dd>
        <dt>{t("contact.platform")}</dt>
        <dd>{t(`contact.${known(PLATFORMS, platform) ?? "messenger"}`)}</dd>
        {lastMessageAt && (
          <>
            <dt>{t("contact.lastMessage")}</dt>
            <dd>
              <TimeAgo at={lastMessageAt} />
            </dd>
          </>
        )}
        <dt>{t("contact.since")}</dt>
        <dd>
          <TimeAgo at={contact.data.created_at} />
        </dd>
        <dt title={t("contact.psidHint")}>{t("contact.psid")}</dt>
        <dd>
          <span className={styles.psid}>{contact.data.psid}</span>
          <CopyIcon value={contact.data.psid} label={t("contact.copyId")} />
        </dd>
      </dl>
    </>
  );
}
