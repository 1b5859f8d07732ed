/** Messages of the further ways to a sensor. Imported only by parts that are loaded later. */
import { enWays, type WayMessages } from './en-ways.ts';
import type { Locale } from './index.ts';

const WAYS: Readonly<Record<Locale, WayMessages>> = { en: enWays };

export function wayMessages(locale: Locale): WayMessages {
  return WAYS[locale];
}
