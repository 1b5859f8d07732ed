/**
 * What a fitness machine says about itself: training status 2AD3 and machine status 2ADA.
 * Source: Bluetooth SIG, Fitness Machine Service 1.0 §4.10 (Table 4.13) and §4.17 (Table 4.16).
 */
import type { Json } from '../../../model/block.ts';
import type { Result } from '../../../model/result.ts';
import { payloadAtArrival } from '../at-arrival.ts';
import { decodeError } from '../bytes.ts';
import { FieldReader } from '../field-reader.ts';
import type { Decoded, DecodeError } from '../profile.ts';
import { known } from '../spot.ts';

/** Names of the training status values 0–15; everything above is reserved. */
const TRAINING: readonly string[] = [
  'other',
  'idle',
  'warming up',
  'low intensity interval',
  'high intensity interval',
  'recovery interval',
  'isometric',
  'heart rate control',
  'fitness test',
  'too slow for control',
  'too fast for control',
  'cool down',
  'watt control',
  'quick start',
  'pre-workout',
  'post-workout',
];

/** Bit of the first byte: a text follows. Bit 1 says that it goes on beyond this packet; the part here is used. */
const HAS_TEXT = 0x01;

/** `{value, text, detail?}`: the status, its name, and what the machine's display says to it. */
export function decodeTrainingStatus(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'training status');
  const flags = fields.u8();
  const value = fields.u8();
  // Bytes in other encodings become U+FFFD: the status itself is worth having all the same.
  const detail = (flags & HAS_TEXT) === 0 ? undefined : new TextDecoder().decode(fields.rest());
  const text = TRAINING[value];
  if (text === undefined) return decodeError('decode-reserved', `training status ${value}`);
  const payload = known({ value, text, detail: detail === '' ? undefined : detail });
  return fields.finish({ readings: [payloadAtArrival('training_status', payload)], facts: [] });
}

interface StatusKind {
  readonly text: string;
  /** Parameters by name, in the app's units. */
  readonly read?: (fields: FieldReader) => { readonly [key: string]: Json | undefined };
}

const seconds = (fields: FieldReader, zones: number): number[] => Array.from({ length: zones }, () => fields.u16());
const STOPPED: readonly (string | undefined)[] = [undefined, 'stopped', 'paused'];
const SPIN_DOWN: readonly (string | undefined)[] = [undefined, 'requested', 'success', 'error', 'stop pedaling'];

/** By op code. Units: m/s, %, W, bpm, kcal, m, s, mm, rpm; resistance without one. */
const KINDS: ReadonlyMap<number, StatusKind> = new Map<number, StatusKind>([
  [0x01, { text: 'reset' }],
  [0x02, { text: 'stopped or paused by the user', read: (from) => ({ action: STOPPED[from.u8()] }) }],
  [0x03, { text: 'stopped by the safety key' }],
  [0x04, { text: 'started or resumed by the user' }],
  [0x05, { text: 'target speed', read: (from) => ({ speed: from.u16() / 360 }) }],
  [0x06, { text: 'target inclination', read: (from) => ({ inclination: from.i16() / 10 }) }],
  [0x07, { text: 'target resistance', read: (from) => ({ resistance: from.u8() / 10 }) }],
  [0x08, { text: 'target power', read: (from) => ({ power: from.i16() }) }],
  [0x09, { text: 'target heart rate', read: (from) => ({ heartrate: from.u8() }) }],
  [0x0a, { text: 'target energy', read: (from) => ({ calories: from.u16() }) }],
  [0x0b, { text: 'target steps', read: (from) => ({ steps: from.u16() }) }],
  [0x0c, { text: 'target strides', read: (from) => ({ strides: from.u16() }) }],
  [0x0d, { text: 'target distance', read: (from) => ({ distance: from.u24() }) }],
  [0x0e, { text: 'target time', read: (from) => ({ duration: from.u16() }) }],
  [0x0f, { text: 'target time in two heart rate zones', read: (from) => ({ durations: seconds(from, 2) }) }],
  [0x10, { text: 'target time in three heart rate zones', read: (from) => ({ durations: seconds(from, 3) }) }],
  [0x11, { text: 'target time in five heart rate zones', read: (from) => ({ durations: seconds(from, 5) }) }],
  [
    0x12,
    {
      text: 'simulation',
      read: (from) => ({
        wind_speed: from.i16() / 1000,
        grade: from.i16() / 100,
        rolling_resistance: from.u8() / 10_000,
        // kg/m
        wind_resistance: from.u8() / 100,
      }),
    },
  ],
  [0x13, { text: 'wheel circumference', read: (from) => ({ wheel_circumference: from.u16() / 10 }) }],
  [0x14, { text: 'spin down', read: (from) => ({ spin_down: SPIN_DOWN[from.u8()] }) }],
  [0x15, { text: 'target cadence', read: (from) => ({ cadence: from.u16() / 2 }) }],
  [0xff, { text: 'control permission lost' }],
]);

/** `{value, text, …}`: the op code, its name, and what was set. `decode-reserved` for op codes without a meaning. */
export function decodeMachineStatus(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'fitness machine status');
  const value = fields.u8();
  if (fields.isShort) return decodeError('decode-truncated', 'fitness machine status: empty');
  const kind = KINDS.get(value);
  if (!kind) return decodeError('decode-reserved', `fitness machine status ${value}`);
  const payload = known({ value, text: kind.text, ...kind.read?.(fields) });
  return fields.finish({ readings: [payloadAtArrival('machine_status', payload)], facts: [] });
}
