/**
 * The platform's delta format for waveforms pushed to viewers (lossy: value steps of 0.01, whole milliseconds).
 * Source: the platform's wire protocol and its reference decoder. All numbers little-endian, no padding:
 *
 *     0   1  version 1; the high four bits are reserved and 0
 *     1   8  int64 Unix ms of the first sample
 *     9   4  float32 first value
 *     13  …  per further sample either  int8 step (not −128), uint16 ms     value += step · 0.01
 *                               or      0x80, float32 value, uint16 ms      value as given
 *
 * Milliseconds count from the previous sample and are clamped, so times are approximate after a clock that ran
 * backwards or a gap of more than 65 535 ms. The next batch starts afresh.
 */
import { appError, type AppError } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';

const VERSION = 1;
const HEAD_BYTES = 13;
const STEP_BYTES = 3;
const RESET_BYTES = 7;
const RESET_MARK = 0x80;
const STEP = 0.01;
const MAX_STEPS = 127;
const MAX_GAP = 0xffff;
const TWO_32 = 4294967296;

/** Samples in columns. `times`: whole Unix ms. */
export interface DeltaSamples {
  readonly times: Float64Array;
  readonly values: Float32Array;
}

/** What could be decoded; `complete` is false if the bytes end inside an entry. */
export interface DecodedDelta extends DeltaSamples {
  readonly complete: boolean;
}

/**
 * Encodes samples in arrival order. Decoded values are within 0.005 of the given ones (plus float32 rounding).
 * @param times Unix ms, finite; rounded to whole milliseconds
 * @param values as many, finite and within the range of float32
 * @returns 13 bytes plus 3 or 7 per further sample; no bytes at all for no samples
 */
export function encodeDelta(times: Float64Array, values: Float32Array | Float64Array): Uint8Array<ArrayBuffer> {
  const count = Math.min(times.length, values.length);
  if (count === 0) return new Uint8Array(0);
  const bytes = new Uint8Array(HEAD_BYTES + RESET_BYTES * (count - 1));
  const view = new DataView(bytes.buffer);
  let before = Math.round(times[0] ?? 0);
  // The loop is closed over what the decoder sees, float32 rounding included, so errors cannot add up.
  let previous = Math.fround(values[0] ?? 0);
  writeHead(view, before, previous);
  let at = HEAD_BYTES;
  for (let i = 1; i < count; i++) {
    const time = Math.round(times[i] ?? 0);
    const gap = Math.min(Math.max(time - before, 0), MAX_GAP);
    before = time;
    const value = values[i] ?? 0;
    const steps = roundHalfAway((value - previous) / STEP);
    if (Math.abs(steps) <= MAX_STEPS) {
      view.setInt8(at, steps);
      previous += steps * STEP;
      at += 1;
    } else {
      previous = Math.fround(value);
      view.setUint8(at, RESET_MARK);
      view.setFloat32(at + 1, previous, true);
      at += 5;
    }
    view.setUint16(at, gap, true);
    at += 2;
  }
  return bytes.slice(0, at);
}

/**
 * Decodes any bytes; never throws. Entries before a cut are kept.
 * Error `wire-shape`: shorter than one sample, unknown version, a time beyond 2^53, a value that is not finite.
 */
export function decodeDelta(bytes: Uint8Array): Result<DecodedDelta> {
  if (bytes.length < HEAD_BYTES) return refuse(`delta data of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(0);
  if (version !== VERSION) return refuse(`delta version byte ${version}`);
  let time = view.getInt32(5, true) * TWO_32 + view.getUint32(1, true);
  let value = view.getFloat32(9, true);
  const { count, end } = countEntries(bytes);
  // Overflow would need 2^53 ms; with it, adding gaps would silently stop working.
  if (!Number.isSafeInteger(Math.abs(time) + MAX_GAP * count)) return refuse('delta time out of range');
  const times = new Float64Array(count);
  const values = new Float32Array(count);
  let finite = Number.isFinite(value);
  times[0] = time;
  values[0] = value;
  let at = HEAD_BYTES;
  for (let i = 1; i < count; i++) {
    const first = view.getUint8(at);
    if (first === RESET_MARK) {
      value = view.getFloat32(at + 1, true);
      finite &&= Number.isFinite(value);
      at += RESET_BYTES;
    } else {
      value += (first < RESET_MARK ? first : first - 256) * STEP;
      at += STEP_BYTES;
    }
    time += view.getUint16(at - 2, true);
    times[i] = time;
    values[i] = value;
  }
  if (!finite) return refuse('delta value not finite');
  return ok({ times, values, complete: end === bytes.length });
}

/** True if this JSON stands where a list of samples would and claims to be delta-coded. */
export function isDeltaCarrier(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && '__delta_encoded__' in raw && raw.__delta_encoded__ === true;
}

/**
 * Reads `{"__delta_encoded__": true, "data": base64, "sample_count": n}`, which replaces a list of samples.
 * Error `wire-shape`: another shape, not base64, not decodable, or not exactly `sample_count` whole samples.
 */
export function decodeDeltaCarrier(raw: unknown): Result<DeltaSamples> {
  if (!isDeltaCarrier(raw)) return refuse('no delta carrier');
  const { data, sample_count: expected } = raw;
  const bytes = typeof data === 'string' ? fromBase64(data) : undefined;
  if (!bytes) return refuse('delta data is not base64');
  const decoded = decodeDelta(bytes);
  if (!decoded.ok) return decoded;
  const { times, values, complete } = decoded.value;
  if (!complete || times.length !== expected) return refuse(`delta data holds ${times.length} samples`);
  return ok({ times, values });
}

function writeHead(view: DataView, time: number, value: number): void {
  view.setUint8(0, VERSION);
  view.setUint32(1, time >>> 0, true);
  view.setInt32(5, Math.floor(time / TWO_32), true);
  view.setFloat32(9, value, true);
}

/** Samples in the bytes and where the last whole one ends. A reset cut to 3 bytes must not pass as a step of −128. */
function countEntries(bytes: Uint8Array): { readonly count: number; readonly end: number } {
  let count = 1;
  let at = HEAD_BYTES;
  for (;;) {
    const next = at + (bytes[at] === RESET_MARK ? RESET_BYTES : STEP_BYTES);
    if (next > bytes.length) return { count, end: at };
    at = next;
    count += 1;
  }
}

/** The reference rounds ties away from zero; `Math.round` rounds them up. */
function roundHalfAway(x: number): number {
  return x < 0 ? -Math.round(-x) : Math.round(x);
}

/** Bytes of standard base64, undefined if it is none. */
function fromBase64(text: string): Uint8Array | undefined {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    // atob has only one way to fail: characters or a length that base64 cannot have.
    return undefined;
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

function refuse(detail: string): { readonly ok: false; readonly error: AppError } {
  return fail(appError('wire-shape', detail));
}
