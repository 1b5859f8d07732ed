/** Reading others' payloads: the same fact is sent in several shapes by the platform's clients. */
import type { Json } from './block.ts';

/** Fields that hold the number of an object payload, in order of preference. */
const NUMBER_FIELDS = ['value', 'bpm', 'level', 'rmssd', 'count'] as const;

/** The one number a payload stands for: plain, or the main field of an object; undefined if it has none. */
export function numericValue(payload: Json): number | undefined {
  if (typeof payload === 'number') return Number.isFinite(payload) ? payload : undefined;
  if (typeof payload === 'boolean') return payload ? 1 : 0;
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return undefined;
  const fields = payload as { readonly [key: string]: Json };
  for (const name of NUMBER_FIELDS) {
    const value = fields[name];
    if (typeof value === 'number' && Number.isFinite(value)) return value;
  }
  return undefined;
}
