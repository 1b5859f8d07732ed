/** What a reading is called on the screen. */
import { enReadings, type ReadingMessages } from './en-readings.ts';
import type { Locale } from './index.ts';

const READINGS: Readonly<Record<Locale, ReadingMessages>> = { en: enReadings };
/** Ids of signal qualities begin so: `quality_ecg`. */
const QUALITY = 'quality_';

/**
 * The name of an attribute. Ids nobody knows are shown readably, not translated: `soil_moisture` as `Soil moisture`.
 * @param type the platform's type name, if it is known to differ from the id: `eeg` of `eeg_tp9`
 */
export function readingName(locale: Locale, attribute: string, type: string = attribute): string {
  const { names, qualityOf, oneOf } = READINGS[locale];
  const id = attribute.toLowerCase();
  const known = nameIn(names, id);
  if (known !== undefined) return known;
  if (id.startsWith(QUALITY)) return qualityOf(readingName(locale, attribute.slice(QUALITY.length)));
  const kinds = [type.toLowerCase(), id.replace(/_\d+$/, '')];
  for (const kind of kinds) {
    const name = nameIn(names, kind);
    if (name !== undefined && id.startsWith(`${kind}_`)) return oneOf(name, readable(attribute.slice(kind.length + 1)));
  }
  return capital(readable(attribute));
}

/** The name of one number of a sample. */
export function fieldName(locale: Locale, field: string): string {
  return nameIn(READINGS[locale].fields, field) ?? readable(field);
}

/** Ids come from outside: `constructor` is none of our names. */
function nameIn(names: Readonly<Record<string, string>>, id: string): string | undefined {
  return Object.hasOwn(names, id) ? names[id] : undefined;
}

function readable(id: string): string {
  return id.replaceAll(/[_-]+/g, ' ').trim();
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
