/** Readings that are words: a press, a place worn, a recognised class. Pure. */
import { numericValue } from '../../model/payload.ts';
import { wordsOf } from '../../model/payloads.ts';
import type { Json } from '../../model/block.ts';
import type { SensorMessages } from '../../i18n/sensors.ts';
import type { ReadingItem } from './reading.ts';

/** Facts of a payload shown at most; the rest is in the export. */
const MAX_FACTS = 4;
/** Characters of a text shown at most. */
const MAX_TEXT = 120;

/** The newest payload in words; undefined while there is none. */
export function readingWords({ type, latest }: ReadingItem, words: SensorMessages): string | undefined {
  if (latest === undefined || latest === null) return undefined;
  const press = pressOf(latest);
  if (press !== undefined && /^buttons?$/.test(type.type)) return words.reading.press(press.number, press.down);
  if (typeof latest === 'boolean') return latest ? words.reading.yes : words.reading.no;
  return clip(wordsOf(latest) ?? factsOf(latest, words));
}

/** Own presses are `{value, event}`; the platform's client sends the number alone. */
function pressOf(latest: Json): { readonly number: number; readonly down: boolean } | undefined {
  const number = numericValue(latest);
  if (number === undefined) return undefined;
  const released = typeof latest === 'object' && latest !== null && 'event' in latest && latest['event'] === 'release';
  return { number, down: !released };
}

function factsOf(latest: Json, words: SensorMessages): string {
  if (typeof latest !== 'object' || latest === null) return plain(latest, words);
  if (Array.isArray(latest)) return words.reading.values(latest.length);
  const facts = Object.entries(latest).filter(([, value]) => value !== null && typeof value !== 'object');
  return facts
    .slice(0, MAX_FACTS)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${plain(value, words)}`)
    .join(', ');
}

function plain(value: Json, words: SensorMessages): string {
  if (typeof value === 'boolean') return value ? words.reading.yes : words.reading.no;
  if (typeof value === 'number') return words.reading.number(value, Number.isInteger(value) ? 0 : 2);
  return typeof value === 'string' ? value : '';
}

/** Undefined for nothing, as a sensor may send empty text. */
function clip(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return trimmed.length > MAX_TEXT ? `${trimmed.slice(0, MAX_TEXT - 1)}…` : trimmed;
}
