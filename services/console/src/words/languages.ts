/** Languages that there are words for. The pseudo-language tests whether longer words and accents fit. */
export const LANGUAGES = ["en"] as const;
export const PSEUDO_LANGUAGE = "en-XA";

export type Language = (typeof LANGUAGES)[number] | typeof PSEUDO_LANGUAGE;

/** The language to show: an account may have one that there are no words for. */
export function languageWithWords(wanted: string): Language {
  return LANGUAGES.find(known => known === wanted) ?? "en";
}

/** How dates and numbers are written beside a language's words. */
export function localeOf(language: string): string {
  return language === "en" || language === PSEUDO_LANGUAGE ? "en-GB" : language;
}
