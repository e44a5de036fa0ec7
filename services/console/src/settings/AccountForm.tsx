import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { ACCOUNT_LANGUAGES, known } from "../api/known";
import { RequestFailed } from "../api/request_failed";
import type { Account } from "../api/types";
import { ProblemNotice } from "../parts/ProblemNotice";
import { mayManage, meQuery, useSignedIn } from "../session/me";
import { clockTime } from "../time/format";
import { useNow } from "../time/now";
import { isTimeZone } from "../time/time_style";
import { timeZones } from "../time/zones";
import { LANGUAGES, localeOf } from "../words/languages";
import { accountNameProblem } from "./names";
import { accountQuery } from "./queries";

/** Name, language and time zone of the account. */
export function AccountForm({ account }: { account: Account }) {
  const { t } = useTranslation();
  const [name, setName] = useState(account.name);
  const [language, setLanguage] = useState<string>(account.language);
  const [timeZone, setTimeZone] = useState(account.time_zone);
  const mayChange = mayManage(useSignedIn());
  const save = useSave();
  const nameProblem = accountNameProblem(name);
  const fieldOf = (field: string) =>
    save.error instanceof RequestFailed && save.error.problem.field === field ? save.error.problem.detail : undefined;

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (nameProblem) return;
    save.mutate({ name: name.trim(), language, time_zone: timeZone });
  }

  return (
    <form onSubmit={submit} onChange={() => save.reset()}>
      <Stack gap="md" maw={440}>
        <TextInput
          label={t("settings.name")}
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          error={nameProblem ? t(nameProblem) : fieldOf("name")}
          disabled={!mayChange}
          autoComplete="organization"
        />
        <LanguageSelect value={language} onChange={setLanguage} disabled={!mayChange} />
        <TimeZoneSelect
          value={timeZone}
          onChange={setTimeZone}
          error={fieldOf("time_zone") ?? undefined}
          disabled={!mayChange}
        />
        {save.isError && <ProblemNotice what={t("settings.saveFailed")} error={save.error} />}
        {mayChange ? (
          <Group gap="sm">
            <Button type="submit" loading={save.isPending}>
              {t("settings.save")}
            </Button>
            <Text role="status" c="var(--good)">
              {save.isSuccess && t("settings.saved")}
            </Text>
          </Group>
        ) : (
          <Text c="dimmed">{t("settings.readOnly")}</Text>
        )}
      </Stack>
    </form>
  );
}

function useSave() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Pick<Account, "name" | "language" | "time_zone">) => answer(api.PATCH("/api/account", { body })),
    onSuccess: async account => {
      queries.setQueryData(accountQuery.queryKey, account);
      await queries.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  });
}

interface FieldProps {
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  disabled: boolean;
}

/** Only languages that there are words for, and the one that the account has. */
function LanguageSelect({ value, onChange, disabled }: FieldProps) {
  const { t } = useTranslation();
  const current = known(ACCOUNT_LANGUAGES, value) ?? "en";
  const offered = [...new Set([...LANGUAGES, current])];
  return (
    <Select
      label={t("settings.language")}
      description={t("settings.languageHint")}
      data={offered.map(language => ({ value: language, label: t(`settings.languages.${language}`) }))}
      value={value}
      onChange={chosen => chosen && onChange(chosen)}
      allowDeselect={false}
      disabled={disabled}
    />
  );
}

function TimeZoneSelect({ value, onChange, error, disabled }: FieldProps) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const time = isTimeZone(value) ? clockTime(now, { locale: localeOf(i18n.language), timeZone: value }) : "–";
  return (
    <Select
      label={t("settings.timeZone")}
      description={t("settings.timeZoneHint", { time })}
      data={timeZones(value).map(zone => ({ value: zone, label: zone.replaceAll("_", " ") }))}
      value={value}
      onChange={chosen => chosen && onChange(chosen)}
      allowDeselect={false}
      searchable
      limit={100}
      nothingFoundMessage={t("settings.timeZoneNone")}
      error={error}
      disabled={disabled}
    />
  );
}
