import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconInfoCircle } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Conversation } from "../api/types";
import { ContactAvatar } from "../parts/ContactAvatar";
import { PagePicture } from "../parts/PagePicture";
import { ProblemNotice } from "../parts/ProblemNotice";
import { AnswerElsewhere } from "./AnswerElsewhere";
import { customerName } from "./customer_name";
import { Messages } from "./Messages";
import { useConversation } from "./use_conversation";
import styles from "./thread.module.css";

const route = getRouteApi("/signed-in/inbox/{-$conversation}");

/** One conversation from its oldest to its newest message. */
export function Thread({ id, close }: { id: number; close: () => void }) {
  const { t } = useTranslation();
  const conversation = useConversation(id);
  return (
    <section className={styles.thread} aria-label={t("thread.label")}>
      <ThreadHeader conversation={conversation.data} close={close} />
      {conversation.isError && !conversation.data ? (
        <div className={styles.problem}>
          <ProblemNotice
            what={t("thread.loadFailed")}
            error={conversation.error}
            retry={() => void conversation.refetch()}
          />
        </div>
      ) : (
        <Messages id={id} conversation={conversation.data} />
      )}
      {conversation.data && <AnswerElsewhere conversation={conversation.data} />}
    </section>
  );
}

function ThreadHeader({ conversation, close }: { conversation: Conversation | undefined; close: () => void }) {
  const { t } = useTranslation();
  return (
    <header className={styles.header}>
      <Tooltip label={t("thread.back")}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={44}
          onClick={close}
          aria-label={t("thread.back")}
          className={styles.back}
        >
          <IconArrowLeft size={22} />
        </ActionIcon>
      </Tooltip>
      {conversation && (
        <>
          <ContactAvatar contact={conversation.contact} platform={conversation.platform} />
          <div className={styles.headerText}>
            <h2 className={`${styles.name} one-line`}>
              <bdi>{customerName(conversation.contact, t)}</bdi>
            </h2>
            <p className={styles.writtenTo}>
              <PagePicture
                id={conversation.connection.id}
                name={conversation.connection.name}
                url={conversation.connection.picture_url}
                size="xs"
              />
              <bdi className="one-line">{conversation.connection.name}</bdi>
            </p>
          </div>
          <ContactToggle />
        </>
      )}
    </header>
  );
}

/** Where there is no room for the third pane. */
function ContactToggle() {
  const { t } = useTranslation();
  const { contact } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Tooltip label={t("thread.contact")}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={44}
        className={styles.contactToggle}
        aria-label={t("thread.contact")}
        aria-expanded={contact === true}
        onClick={() => void navigate({ search: now => ({ ...now, contact: contact ? undefined : (true as const) }) })}
      >
        <IconInfoCircle size={22} />
      </ActionIcon>
    </Tooltip>
  );
}
