import type { TFunction } from "i18next";

import type { Conversation } from "../api/types";
import { singleLine } from "../text/contained";

/** What a customer is called. Facebook may give no name, or one of which nothing can be seen. */
export function customerName({ name }: Conversation["contact"], t: TFunction): string {
  return (name && singleLine(name)) || t("inbox.nameless");
}
