/**
 * A segment: the samples of one sensor and attribute that arrived within one write interval, as one blob.
 * Layout: version 1, count (varint), column of timestamps, column of payloads, extras. Extras: 0 none; 1 the same keys
 * on every sample: number of keys, then name and column of each; 2 one JSON column of objects.
 * Version 2 is for skeletons: behind the count, the bytes they have at most as JSON (varint); in place of the column of
 * payloads, the number of bytes (varint) and the bytes of `skeletons.ts`.
 * Lossless for any JSON; only what JSON cannot say (a number past the range of a double) becomes null in mixed columns.
 */
import { SAMPLE_KEYS, type WireSample } from '../../src/protocol/ingest.ts';
import type { StoredMeasurement } from '../ports.ts';
import { ByteReader, type ByteWriter } from './bytes.ts';
import { readColumn, writeColumn } from './columns.ts';
import { skeletonJsonBytes, skeletonsFromBytes, skeletonsToBytes } from './skeletons.ts';

const PLAIN = 1;
const SKELETONS = 2;
const NO_EXTRAS = 0;
const SAME_KEYS = 1;
const MIXED_KEYS = 2;
const PLAIN_KEY = /^(?!__proto__$)[ -~]+$/;

/** Encodes at least one sample. `out` is scratch space and is reset. Throws RangeError for JSON nested too deep. */
export function encodeSegment(out: ByteWriter, samples: readonly WireSample[]): Uint8Array {
  const payloads = samples.map((sample) => sample.payload);
  const timestamps = samples.map((sample) => sample.timestamp);
  const skeletons = skeletonsToBytes(payloads);
  out.reset();
  out.byte(skeletons ? SKELETONS : PLAIN);
  out.varint(samples.length);
  if (skeletons) out.varint(samples.length * skeletonJsonBytes(payloads[0]));
  writeColumn(out, timestamps);
  if (skeletons) out.bytes(skeletons);
  else writeColumn(out, payloads);
  writeExtras(out, samples);
  return out.finish();
}

/**
 * Bytes to count for a segment, before it is decoded: its own, and for skeletons also what they are as JSON, as they take
 * a twentieth of that here. Whatever the bytes are, no less than their number.
 */
export function segmentWeight(bytes: Uint8Array): number {
  if (bytes[0] !== SKELETONS) return bytes.length;
  try {
    const input = new ByteReader(bytes.subarray(1));
    input.varint();
    return bytes.length + input.varint();
  } catch (error) {
    // Cut off: nothing comes out of it.
    if (error instanceof RangeError) return bytes.length;
    throw error;
  }
}

/** Decodes a segment. Throws RangeError or SyntaxError when the bytes are damaged. */
export function decodeSegment(bytes: Uint8Array, sensorId: string, attribute: string): StoredMeasurement[] {
  const input = new ByteReader(bytes);
  const version = input.byte();
  if (version !== PLAIN && version !== SKELETONS) throw new RangeError(`unknown segment version ${version}`);
  const count = input.varint();
  const jsonBytes = version === SKELETONS ? input.varint() : undefined;
  const timestamps = readColumn(input, count);
  const payloads = jsonBytes === undefined ? readColumn(input, count) : readPayloads(input, count, jsonBytes);
  const extras = readExtras(input, count);
  return payloads.map((payload, i) => {
    const extra = extras[i];
    const measurement = { sensorId, attribute, payload, timestamp: timestamps[i] };
    return extra === undefined ? measurement : { ...measurement, extra };
  });
}

function readPayloads(input: ByteReader, count: number, jsonBytes: number): readonly unknown[] {
  const payloads = skeletonsFromBytes(input.bytes(), count);
  // Others count on it.
  if (jsonBytes !== count * skeletonJsonBytes(payloads[0])) throw new RangeError('size of skeletons differs');
  return payloads;
}

function writeExtras(out: ByteWriter, samples: readonly WireSample[]): void {
  const keys = commonExtraKeys(samples);
  if (keys === undefined) {
    out.byte(MIXED_KEYS);
    writeColumn(out, samples.map(extrasOf));
  } else if (keys.length === 0) {
    out.byte(NO_EXTRAS);
  } else {
    out.byte(SAME_KEYS);
    out.varint(keys.length);
    for (const key of keys) {
      out.text(key);
      writeColumn(
        out,
        samples.map((sample) => sample[key]),
      );
    }
  }
}

/** The extra keys, if every sample has the same ones; undefined if they differ or are odd. */
function commonExtraKeys(samples: readonly WireSample[]): readonly string[] | undefined {
  const [first] = samples;
  const keys = first === undefined ? [] : Object.keys(first).filter((key) => !SAMPLE_KEYS.has(key));
  // Odd keys (not UTF-8, `__proto__`) are left to JSON, which escapes and defines them right.
  if (!keys.every((key) => PLAIN_KEY.test(key))) return undefined;
  for (const sample of samples) {
    let count = 0;
    for (const key in sample) if (!SAMPLE_KEYS.has(key)) count += 1;
    if (count !== keys.length) return undefined;
    for (const key of keys) if (sample[key] === undefined) return undefined;
  }
  return keys;
}

function extrasOf(sample: WireSample): Record<string, unknown> | null {
  const entries = Object.entries(sample).filter(([key]) => !SAMPLE_KEYS.has(key));
  // fromEntries defines own properties, also one named `__proto__`.
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

type Extras = Readonly<Record<string, unknown>> | undefined;

function readExtras(input: ByteReader, count: number): readonly Extras[] {
  const kind = input.byte();
  if (kind === NO_EXTRAS) return [];
  if (kind === MIXED_KEYS) {
    return readColumn(input, count).map((extra) => (extra === null ? undefined : (extra as Extras)));
  }
  if (kind !== SAME_KEYS) throw new RangeError(`unknown kind of extras ${kind}`);
  const rows: Record<string, unknown>[] = Array.from({ length: count }, () => ({}));
  const keys = input.varint();
  for (let k = 0; k < keys; k++) {
    const key = input.text();
    readColumn(input, count).forEach((value, i) => {
      const row = rows[i];
      if (row) row[key] = value;
    });
  }
  return rows;
}
