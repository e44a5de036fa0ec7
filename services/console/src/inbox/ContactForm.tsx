import { ActionIcon, Button, Group, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { RequestFailed } from "../api/request_failed";
import type { Contact } from "../api/types";
import { ProblemNotice } from "../parts/ProblemNotice";
import { changedIn, changesOf, type Draft, draftOf, type Meanwhile, meanwhile } from "./contact_draft";
import { contactQuery } from "./contact_query";
import { EditedMeanwhile } from "./EditedMeanwhile";
import styles from "./contact.module.css";

/** These say themselves what is wrong with them. */
const SAYING_FIELDS = ["email", "phone", "tags", "notes"] as const;

/** What people write of a customer. Where somebody else wrote at the same time, both are kept and it is said. */
export function ContactForm({ contact, close }: { contact: Contact; close: () => void }) {
  const { t } = useTranslation();
  // What was there when somebody began; after a conflict, what is there now.
  const [before, setBefore] = useState(contact);
  const [draft, setDraft] = useState(() => draftOf(contact));
  const [conflict, setConflict] = useState<{ with: Contact; meanwhile: Meanwhile } | null>(null);
  const save = useSave(contact.id, {
    onSaved: close,
    onConflict: now => {
      const merged = meanwhile(draft, before, now);
      setConflict({ with: now, meanwhile: merged });
      setDraft(merged.draft);
      setBefore(now);
    },
  });
  const problem = save.error instanceof RequestFailed ? save.error.problem : undefined;
  const wrongField = SAYING_FIELDS.find(field => field === problem?.field);
  const errorOf = (field: string) => (problem?.field === field ? problem.detail : undefined);
  const form = useRef<HTMLFormElement>(null);
  // It may be far above the button.
  useEffect(() => {
    if (save.error) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [save.error]);
  const change = (changed: Partial<Draft>) => setDraft({ ...draft, ...changed });

  function submit(event: FormEvent): void {
    event.preventDefault();
    const changes = changesOf(draft, before);
    if (Object.keys(changes).length === 0) close();
    else save.mutate({ ...changes, version: before.version });
  }

  /** Would close the thread, and with it what was typed. */
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (changedIn(draft, before).length === 0) close();
  }

  return (
    <form ref={form} onSubmit={submit} onKeyDown={onKeyDown} noValidate className={styles.form}>
      <Stack gap="sm">
        <TextInput
          label={t("contact.email")}
          value={draft.email}
          onChange={event => change({ email: event.currentTarget.value })}
          error={errorOf("email")}
          inputMode="email"
          autoComplete="off"
        />
        <TextInput
          label={t("contact.phone")}
          value={draft.phone}
          onChange={event => change({ phone: event.currentTarget.value })}
          error={errorOf("phone")}
          inputMode="tel"
          autoComplete="off"
        />
        <TagsInput
          label={t("contact.tags")}
          description={t("contact.tagsHint")}
          value={draft.tags}
          onChange={tags => change({ tags })}
          error={errorOf("tags")}
          acceptValueOnBlur
        />
        <Textarea
          label={t("contact.notes")}
          value={draft.notes}
          onChange={event => change({ notes: event.currentTarget.value })}
          error={errorOf("notes")}
          autosize
          minRows={3}
          maxRows={12}
        />
        <CustomFields draft={draft} change={change} error={errorOf("custom_fields")} />
        {conflict && (
          <EditedMeanwhile key={conflict.with.version} contact={conflict.with} meanwhile={conflict.meanwhile} />
        )}
        {save.isError && !wrongField && <ProblemNotice what={t("contact.saveFailed")} error={save.error} />}
        <Group gap="xs">
          <Button type="submit" loading={save.isPending}>
            {t("settings.save")}
          </Button>
          <Button variant="default" onClick={close}>
            {t("connection.cancel")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface CustomFieldsProps {
  draft: Draft;
  change: (changed: Partial<Draft>) => void;
  error: string | undefined;
}

function CustomFields({ draft: { custom }, change, error }: CustomFieldsProps) {
  const { t } = useTranslation();
  const replace = (index: number, field: Partial<Draft["custom"][number]>) =>
    change({ custom: custom.map((each, at) => (at === index ? { ...each, ...field } : each)) });
  return (
    <fieldset className={styles.custom}>
      <legend>{t("contact.custom")}</legend>
      {custom.map(({ name, value }, index) => (
        <Group key={index} gap={4} wrap="nowrap">
          <TextInput
            size="xs"
            aria-label={t("contact.customName")}
            placeholder={t("contact.customName")}
            value={name}
            onChange={event => replace(index, { name: event.currentTarget.value })}
          />
          <TextInput
            size="xs"
            aria-label={t("contact.customValue", { name })}
            placeholder={t("contact.customValuePlain")}
            value={value}
            onChange={event => replace(index, { value: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("contact.customRemove", { name })}
            onClick={() => change({ custom: custom.filter((_, at) => at !== index) })}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      {error && (
        <Text size="xs" c="var(--mantine-color-error)">
          {error}
        </Text>
      )}
      <Button
        size="xs"
        variant="default"
        className={styles.customAdd ?? ""}
        onClick={() => change({ custom: [...custom, { name: "", value: "" }] })}
      >
        {t("contact.customAdd")}
      </Button>
    </fieldset>
  );
}

interface SaveOptions {
  onSaved: () => void;
  /** The contact as somebody else left it meanwhile. */
  onConflict: (now: Contact) => void;
}

function useSave(id: number, { onSaved, onConflict }: SaveOptions) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: Record<string, unknown>): Promise<Contact | null> => {
      const path = { contact_id: id };
      try {
        const call = api.PUT("/api/facebook/contacts/{contact_id}/update-in-system", { params: { path }, body });
        return (await answer(call)).contact;
      } catch (error) {
        if (error instanceof RequestFailed && error.problem.type === "/problems/edited-meanwhile") return null;
        throw error;
      }
    },
    onSuccess: async saved => {
      if (saved) {
        queries.setQueryData(contactQuery(id).queryKey, saved);
        onSaved();
      } else {
        onConflict(await queries.fetchQuery({ ...contactQuery(id), staleTime: 0 }));
      }
    },
  });
}
