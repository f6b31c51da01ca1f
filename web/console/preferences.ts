/** Choices of a user on this device. No token is ever kept here. */

export const LANGUAGES = { en: 'English', es: 'Español' } as const;
export type Language = keyof typeof LANGUAGES;
export type Theme = 'system' | 'light' | 'dark';

const LANGUAGE_KEY = 'connections.language';
const THEME_KEY = 'connections.theme';

/** Returns the chosen language, else the browser's, else English. */
export function language(): Language {
  const candidates = [localStorage.getItem(LANGUAGE_KEY) ?? '', ...navigator.languages];
  return candidates.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'en';
}

function isLanguage(tag: string): tag is Language {
  return tag in LANGUAGES;
}

export function theme(): Theme {
  const chosen = localStorage.getItem(THEME_KEY);
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(LANGUAGE_KEY, chosen);
  applyPreferences();
}

export function chooseTheme(chosen: Theme): void {
  localStorage.setItem(THEME_KEY, chosen);
  applyPreferences();
}

/** Sets the page's language and colors. */
export function applyPreferences(): void {
  document.documentElement.lang = language();
  document.documentElement.dataset.theme = theme();
}
