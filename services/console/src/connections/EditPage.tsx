import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import type { Connection } from "../api/types";
import { ProblemNotice } from "../parts/ProblemNotice";
import { mayManage, useSignedIn } from "../session/me";
import { contained } from "../text/contained";
import { changedFields, fieldErrors, fieldsOf, PAGE_FIELDS, type PageField, type PageFields } from "./page_fields";
import { connectionQuery } from "./queries";

/** Facebook's limit. */
const LONGEST_ABOUT = 255;

/** Writes what the Page says of itself to Facebook. */
export function EditPage({ connection }: { connection: Connection }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const isAllowed = mayManage(useSignedIn());
  return (
    <>
      <Button
        variant="default"
        disabled={!isAllowed}
        title={isAllowed ? undefined : t("failed.forbidden")}
        onClick={() => setIsOpen(true)}
      >
        {t("editPage.open")}
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setIsOpen(false)}
        title={t("editPage.title", { name: contained(connection.name) })}
        closeButtonProps={{ "aria-label": t("dialog.close") }}
      >
        <PageForm connection={connection} close={() => setIsOpen(false)} />
      </Modal>
    </>
  );
}

function PageForm({ connection, close }: { connection: Connection; close: () => void }) {
  const { t } = useTranslation();
  // What was there when somebody began: a sync that comes in between is not written back.
  const [before] = useState(() => fieldsOf(connection));
  const [now, setNow] = useState<PageFields>(before);
  const save = useSave(connection.id, close);
  const changed = changedFields(before, now);
  const errors = fieldErrors(save.error);
  const change = (field: PageField) => (event: { currentTarget: { value: string } }) =>
    setNow({ ...now, [field]: event.currentTarget.value });

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (Object.keys(changed).length === 0) close();
    else save.mutate(changed);
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text c="dimmed">{t("editPage.lead")}</Text>
        <Textarea
          label={t("connection.description")}
          value={now.about}
          onChange={change("about")}
          maxLength={LONGEST_ABOUT}
          error={errors.about}
          autosize
          minRows={2}
          data-autofocus
        />
        <TextInput
          label={t("connection.phone")}
          value={now.phone}
          onChange={change("phone")}
          error={errors.phone}
          inputMode="tel"
        />
        <TextInput
          label={t("connection.website")}
          value={now.website}
          onChange={change("website")}
          error={errors.website}
          inputMode="url"
        />
        {save.isError && (
          <ProblemNotice
            what={t(PAGE_FIELDS.some(field => errors[field]) ? "editPage.refused" : "editPage.failed")}
            error={save.error}
          />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t("connection.cancel")}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t("editPage.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function useSave(id: number, close: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Partial<PageFields>) =>
      answer(api.PUT("/api/facebook/pages/{page_id}/update-to-facebook", { params: { path: { page_id: id } }, body })),
    onSuccess: saved => {
      if ("page" in saved) queries.setQueryData(connectionQuery(id).queryKey, saved.page);
      close();
    },
    // Where Facebook refused one field it may have taken another.
    onSettled: () => queries.invalidateQueries({ queryKey: ["connection", id] }),
  });
}
