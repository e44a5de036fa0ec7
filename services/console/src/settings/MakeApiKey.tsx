import { Button, Checkbox, Code, CopyButton, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { SCOPES } from "../api/known";
import type { CreatedApiKey } from "../api/types";
import { ProblemNotice } from "../parts/ProblemNotice";
import { keyNameProblem } from "./names";
import { apiKeysQuery } from "./queries";
import styles from "./settings.module.css";

const EXPIRIES = ["30", "90", "365", "never"] as const;
type Expiry = (typeof EXPIRIES)[number];

export function MakeApiKey({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  const [made, setMade] = useState<CreatedApiKey | null>(null);
  function finish(): void {
    setMade(null);
    close();
  }
  return (
    <Modal
      opened={opened}
      onClose={finish}
      // A key that was not copied is lost: a click beside the dialog must not close it.
      closeOnClickOutside={!made}
      title={t(made ? "keys.madeTitle" : "keys.makeTitle")}
      closeButtonProps={{ "aria-label": t("dialog.close") }}
    >
      {made ? <ShowOnce made={made} close={finish} /> : <Form done={setMade} cancel={finish} />}
    </Modal>
  );
}

function Form({ done, cancel }: { done: (made: CreatedApiKey) => void; cancel: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["inbox:read", "connections:read"]);
  const [expiry, setExpiry] = useState<Expiry>("90");
  const [isSubmitted, setIsSubmitted] = useState(false);
  const nameProblem = keyNameProblem(name);
  const make = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/api-keys", { body: { name: name.trim(), scopes, expires_at: expiresAt(expiry, new Date()) } }),
      ),
    onSuccess: made => {
      void queries.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
      done(made);
    },
  });

  function submit(event: FormEvent): void {
    event.preventDefault();
    setIsSubmitted(true);
    if (!nameProblem && scopes.length > 0) make.mutate();
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          data-autofocus
          label={t("keys.name")}
          description={t("keys.nameHint")}
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          error={isSubmitted && nameProblem ? t(nameProblem) : undefined}
          autoComplete="off"
        />
        <Checkbox.Group
          label={t("keys.scopes")}
          value={scopes}
          onChange={setScopes}
          error={isSubmitted && scopes.length === 0 ? t("keys.scopesMissing") : undefined}
        >
          <Stack gap="xs" mt="xs" mb="xs">
            {SCOPES.map(scope => (
              <Checkbox key={scope} value={scope} label={t(`keys.scope.${scope}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Select
          label={t("keys.expires")}
          data={EXPIRIES.map(value => ({ value, label: t(`keys.expiresIn.${value}`) }))}
          value={expiry}
          onChange={chosen => chosen && setExpiry(chosen as Expiry)}
          allowDeselect={false}
        />
        {make.isError && <ProblemNotice what={t("keys.createFailed")} error={make.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={cancel}>
            {t("keys.cancel")}
          </Button>
          <Button type="submit" loading={make.isPending}>
            {t("keys.create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function expiresAt(expiry: Expiry, now: Date): string | null {
  return expiry === "never" ? null : new Date(now.getTime() + Number(expiry) * 86_400_000).toISOString();
}

/** The only sight of the key. */
function ShowOnce({ made, close }: { made: CreatedApiKey; close: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <Text>{t("keys.madeLead")}</Text>
      <Code block className={styles.newKey ?? ""} aria-label={t("keys.theKey")} data-testid="new-api-key">
        {made.key}
      </Code>
      <Group justify="flex-end" gap="xs">
        <CopyButton value={made.key}>
          {({ copied, copy }) => (
            <Button onClick={copy} data-autofocus aria-live="polite">
              {copied ? t("keys.copied") : t("keys.copy")}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={close}>
          {t("keys.done")}
        </Button>
      </Group>
    </Stack>
  );
}
