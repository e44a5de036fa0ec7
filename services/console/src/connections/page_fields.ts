import { RequestFailed } from "../api/request_failed";
import type { Connection } from "../api/types";

/** What of a Page can be written to Facebook from here. */
export const PAGE_FIELDS = ["about", "phone", "website"] as const;
export type PageField = (typeof PAGE_FIELDS)[number];
export type PageFields = Record<PageField, string>;

export function fieldsOf(connection: Pick<Connection, PageField>): PageFields {
  return { about: connection.about ?? "", phone: connection.phone ?? "", website: connection.website ?? "" };
}

/** Only what was changed is written: what is left alone may have been changed on Facebook meanwhile. */
export function changedFields(before: PageFields, now: PageFields): Partial<PageFields> {
  const changed = PAGE_FIELDS.filter(field => now[field].trim() !== before[field].trim());
  return Object.fromEntries(changed.map(field => [field, now[field].trim()]));
}

/** What is wrong with which field: of ours, or as Facebook says it. */
export function fieldErrors(error: unknown): Partial<PageFields> {
  if (!(error instanceof RequestFailed) || error.status !== 422) return {};
  const { errors, field, detail } = error.problem;
  const told = errors?.length ? errors : field && detail ? [{ field, detail }] : [];
  return Object.fromEntries(
    told.filter(each => PAGE_FIELDS.some(name => name === each.field)).map(each => [each.field, each.detail]),
  );
}
