/** Readings of devices that measure now and then, and may date what they measured with their own calendar. */
import type { AttributeId } from '../../model/attribute.ts';
import type { Json } from '../../model/block.ts';
import type { NumericReading, StructuredReading, Timing } from '../../model/reading.ts';
import { oneNumber } from './bytes.ts';
import type { Fact } from './profile.ts';

/**
 * One number. None at all if it is not known: IEEE-11073 special values are NaN here, and a 32-bit FLOAT can hold more
 * than a sample can.
 * @param time Unix ms; undefined: dated by its arrival
 */
export function spotSample(attribute: AttributeId, value: number | undefined, time?: number): NumericReading[] {
  if (value === undefined || !Number.isFinite(Math.fround(value))) return [];
  return [{ kind: 'numeric', attribute, values: oneNumber(value), timing: spotTiming(time) }];
}

/** One structured value. `time` as for a sample. */
export function spotPayload(attribute: AttributeId, payload: Json, time?: number): StructuredReading {
  return { kind: 'structured', attribute, payloads: [payload], timing: spotTiming(time) };
}

function spotTiming(time: number | undefined): Timing {
  return time === undefined ? { kind: 'arrival' } : { kind: 'calendar', times: Float64Array.of(time) };
}

/** A payload of what is known: entries that are undefined or not finite are left out. */
export function known(entries: { readonly [key: string]: Json | undefined }): { readonly [key: string]: Json } {
  const payload: Record<string, Json> = {};
  for (const [key, value] of Object.entries(entries)) {
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) continue;
    payload[key] = value;
  }
  return payload;
}

/** Names of the bits that are set, lowest first; bits without a name are reserved and ignored. */
export function bitNames(bits: number, names: readonly string[]): string[] {
  return names.filter((_, bit) => ((bits >>> bit) & 1) === 1);
}

/** A fact for the device's page, e.g. what it can do. */
export function deviceFact(label: string, text: string): Fact {
  return { kind: 'device', label, text };
}

/** A list as one text; `none` if it is empty. */
export function listText(items: readonly string[]): string {
  return items.length === 0 ? 'none' : items.join(', ');
}
