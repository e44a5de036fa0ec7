import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import english from "./en.json";
import { type Language, localeOf, PSEUDO_LANGUAGE } from "./languages";

void i18next.use(initReactI18next).init({
  lng: "en",
  fallbackLng: "en",
  resources: { en: { translation: english } },
  // React escapes what it renders.
  interpolation: { escapeValue: false },
  // API scopes have colons in their names.
  nsSeparator: false,
  showSupportNotice: false,
});

export const words = i18next;

export async function speak(language: Language): Promise<void> {
  if (language === PSEUDO_LANGUAGE && !i18next.hasResourceBundle(language, "translation")) {
    const { pseudoWords } = await import("./pseudo");
    i18next.addResourceBundle(language, "translation", pseudoWords(english));
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = localeOf(language);
}
