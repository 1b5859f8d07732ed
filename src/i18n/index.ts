/**
 * Which languages there are and how their messages come. One now; a further one is a file with a `Messages` object and
 * a line in `LOADERS`, loaded when it is chosen.
 */
import { en } from './en.ts';
import type { Messages } from './en.ts';

export type { Messages };

export const LOCALES = ['en'] as const;
export type Locale = (typeof LOCALES)[number];

const LOADERS: Readonly<Record<Locale, () => Promise<Messages>>> = {
  en: async () => ({ ...en, errors: (await import('./en-errors.ts')).enErrors }),
};

/** Messages that are there from the first paint: without the sentences of errors. */
export const FIRST_MESSAGES: Messages = en;

/** The best locale for the languages a person prefers, most wanted first (`navigator.languages`). */
export function pickLocale(preferred: readonly string[]): Locale {
  for (const wanted of preferred) {
    const language = wanted.toLowerCase().split('-')[0];
    const found = LOCALES.find((locale) => locale.toLowerCase().split('-')[0] === language);
    if (found !== undefined) return found;
  }
  return 'en';
}

/** Loads the messages of a locale. */
export function loadMessages(locale: Locale): Promise<Messages> {
  return LOADERS[locale]();
}
