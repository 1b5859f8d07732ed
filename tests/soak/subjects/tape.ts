/** What was on a tape (support/tape.mjs), by the product's own decoders. */
import type { Decoder } from '../../../src/device/profiles/profile.ts';
import { createDecoders } from '../../../src/device/profiles/registry.ts';
import type { Json } from '../../../src/model/block.ts';
import { readingLength, type Reading } from '../../../src/model/reading.ts';

export interface Tape {
  /** Sensor and characteristic (or attribute and fields of a reading, as JSON), by number. */
  readonly names: readonly (readonly [string, string])[];
  /** Number of the name (u8), length (u16), bytes; over and over. */
  readonly bytes: Uint8Array;
}

/** One attribute of one sensor: everything it measured, in order. */
export interface TapedStream {
  readonly sensorId: string;
  readonly attribute: string;
  readonly payloads: Json[];
}

/**
 * Everything measured. Throws if a notification cannot be read, or if the devices numbered samples that are not there:
 * then something was lost before it reached the tape.
 */
export function readStreams({ names, bytes }: Tape): readonly TapedStream[] {
  const streams = new Map<string, TapedStream>();
  const decoders = new Map<string, (key: string) => Decoder | undefined>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.byteLength;) {
    const [sensorId = '', what = ''] = names[view.getUint8(at)] ?? [];
    const length = view.getUint16(at + 1);
    // A copy, as the worker gets one: nothing may depend on where in memory it lies.
    const packet = Uint8Array.from(bytes.subarray(at + 3, at + 3 + length)).buffer;
    at += 3 + length;
    const decodersOf = decoders.get(sensorId) ?? createDecoders();
    decoders.set(sensorId, decodersOf);
    const readings = what.startsWith('{')
      ? [parseReading(what, packet)]
      : decode(decodersOf(what), packet, `${sensorId} ${what}`);
    for (const reading of readings) {
      const key = `${sensorId} ${reading.attribute}`;
      const stream = streams.get(key) ?? { sensorId, attribute: reading.attribute, payloads: [] };
      streams.set(key, stream);
      append(stream.payloads, reading);
    }
  }
  return [...streams.values()];
}

function decode(decoder: Decoder | undefined, packet: ArrayBuffer, name: string): readonly Reading[] {
  const decoded = decoder?.(new DataView(packet));
  if (!decoded?.ok) throw new Error(`${name}: ${decoded?.error.detail ?? 'nobody reads it'}`);
  for (const fact of decoded.value.facts) {
    if (fact.kind === 'lost') throw new Error(`${name}: ${fact.samples} of ${fact.attribute} never came`);
  }
  return decoded.value.readings;
}

/** A reading that was none of a decoder's; its times are not on the tape. */
function parseReading(what: string, content: ArrayBuffer): Reading {
  const { kind, attribute, fields } = JSON.parse(what) as {
    kind: Reading['kind'];
    attribute: string;
    fields?: readonly string[];
  };
  const timing = { kind: 'arrival' } as const;
  if (kind === 'numeric') {
    return { kind, attribute, values: new Float32Array(content), ...(fields && { fields }), timing };
  }
  return { kind, attribute, payloads: JSON.parse(new TextDecoder().decode(content)) as Json[], timing };
}

function append(payloads: Json[], reading: Reading): void {
  if (reading.kind === 'structured') {
    payloads.push(...reading.payloads);
    return;
  }
  const { values, fields } = reading;
  for (let i = 0; i < readingLength(reading); i++) {
    if (fields)
      payloads.push(Object.fromEntries(fields.map((field, k) => [field, values[i * fields.length + k] ?? NaN])));
    else payloads.push(values[i] ?? NaN);
  }
}
