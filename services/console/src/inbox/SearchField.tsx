import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback, useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { LONGEST_SEARCH } from "./search";

const route = getRouteApi("/signed-in/inbox/{-$conversation}");

/** Somebody who types is not searched for at each letter. */
const TYPING_MS = 250;

/** Finds customers and messages; the address keeps what is searched for. */
export function SearchField() {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const { q } = route.useSearch();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(q ?? "");
  const [shownFor, setShownFor] = useState(q);
  // The address changes by itself too: back, or a link.
  if (shownFor !== q) {
    setShownFor(q);
    if ((q ?? "") !== typed.trim()) setTyped(q ?? "");
  }
  const search = (text: string) =>
    void navigate({ search: now => ({ ...now, q: text.trim() || undefined }), replace: true });
  const searchSoon = useDebouncedCallback(search, TYPING_MS);
  useHotkeys([["/", () => field.current?.focus()]]);

  function clear(): void {
    setTyped("");
    searchSoon.cancel();
    search("");
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== "Escape" || typed === "") return;
    event.preventDefault();
    event.stopPropagation();
    clear();
  }

  return (
    <TextInput
      ref={field}
      size="xs"
      type="search"
      aria-label={t("search.field")}
      placeholder={t("search.field")}
      maxLength={LONGEST_SEARCH}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={typed !== "" && <CloseButton size="sm" aria-label={t("search.clear")} onClick={clear} />}
      value={typed}
      onChange={event => {
        setTyped(event.currentTarget.value);
        searchSoon(event.currentTarget.value);
      }}
      onKeyDown={onKeyDown}
    />
  );
}
