import { type Language, languageWithWords, PSEUDO_LANGUAGE } from "./languages";

const KEY = "pagekeeper-pseudo-language";

/** The account's language, unless this browser tests the layout with the pseudo-language. */
export function chosenLanguage(ofAccount: string): Language {
  return testsLongWords() ? PSEUDO_LANGUAGE : languageWithWords(ofAccount);
}

export function testsLongWords(): boolean {
  return localStorage.getItem(KEY) === "on";
}

export function testLongWords(on: boolean): void {
  if (on) localStorage.setItem(KEY, "on");
  else localStorage.removeItem(KEY);
}
