/**
 * Messages of screens and dialogs that are not part of the first load. Imported only by parts that are themselves loaded
 * later, so that the bundler puts them there. One language so far: with more of them this becomes a map of loaders.
 */
import { enLater, type LaterMessages } from './en-later.ts';
import type { Locale } from './index.ts';

const LATER: Readonly<Record<Locale, LaterMessages>> = { en: enLater };

export type { LaterMessages };

export function laterMessages(locale: Locale): LaterMessages {
  return LATER[locale];
}
