import type { Contact } from "../api/types";

/** What people write of a customer; Facebook learns nothing of it. */
export interface Draft {
  email: string;
  phone: string;
  tags: string[];
  notes: string;
  custom: CustomField[];
}

export interface CustomField {
  name: string;
  value: string;
}

type CustomValue = string | number | boolean;

export const DRAFT_FIELDS = ["email", "phone", "tags", "notes", "custom"] as const;
export type DraftField = (typeof DRAFT_FIELDS)[number];

export function draftOf(contact: Contact): Draft {
  const { email, phone, tags, notes } = contact;
  const custom = Object.entries(customOf(contact)).map(([name, value]) => ({ name, value: String(value) }));
  return { email: email ?? "", phone: phone ?? "", tags, notes: notes ?? "", custom };
}

export function customOf({ custom_fields: fields }: Pick<Contact, "custom_fields">): Record<string, CustomValue> {
  return fields as Record<string, CustomValue>;
}

/** Fields of the draft that differ from the contact. */
export function changedIn(draft: Draft, contact: Contact): DraftField[] {
  const before = clean(draftOf(contact));
  const now = clean(draft);
  return DRAFT_FIELDS.filter(field => JSON.stringify(now[field]) !== JSON.stringify(before[field]));
}

/** What is to be sent: only what was changed. A custom field that is no more there is sent as null. */
export function changesOf(draft: Draft, contact: Contact): Record<string, unknown> {
  const now = clean(draft);
  const before = customOf(contact);
  return Object.fromEntries(
    changedIn(draft, contact).map(field => {
      if (field !== "custom") return [field, now[field]];
      const kept = now.custom.map(({ name, value }) => [name, asBefore(value, before[name])] as const);
      const names = new Set(now.custom.map(({ name }) => name));
      const gone = Object.keys(before).filter(name => !names.has(name));
      const changed = kept.filter(([name, value]) => value !== before[name]);
      return ["custom_fields", Object.fromEntries([...changed, ...gone.map(name => [name, null] as const)])];
    }),
  );
}

/** A number stays a number as long as it reads as one. */
function asBefore(value: string, before: CustomValue | undefined): CustomValue {
  if (typeof before === "number" && value.trim() !== "" && Number.isFinite(Number(value))) return Number(value);
  if (typeof before === "boolean" && (value === "true" || value === "false")) return value === "true";
  return value;
}

/** What somebody else changed while this was being written. */
export interface Meanwhile {
  /** Theirs, with what was changed here on top: nothing that was typed is lost. */
  draft: Draft;
  /** All that they changed. */
  theirs: DraftField[];
  /** What both changed: saving again writes ours over theirs. */
  both: DraftField[];
}

export function meanwhile(draft: Draft, before: Contact, now: Contact): Meanwhile {
  const ours = changedIn(draft, before);
  const theirs = changedIn(draftOf(now), before);
  const merged = { ...draftOf(now), ...Object.fromEntries(ours.map(field => [field, draft[field]])) };
  return { draft: merged, theirs, both: theirs.filter(field => ours.includes(field)) };
}

/** As it is stored: without spaces around it, tags in their order, no field without a name. */
function clean(draft: Draft): Draft {
  const tags = [...new Set(draft.tags.map(tag => tag.trim()).filter(Boolean))].sort();
  const custom = draft.custom
    .map(({ name, value }) => ({ name: name.trim(), value: value.trim() }))
    .filter(({ name }) => name !== "")
    .sort((one, next) => (one.name < next.name ? -1 : 1));
  return { email: draft.email.trim(), phone: draft.phone.trim(), notes: draft.notes.trim(), tags, custom };
}
