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
/** The same byte, read as a signed step. */
const RESET_STEP = -128;
const STEP = 0.01;
const MAX_STEPS = 127;
const MAX_GAP = 0xffff;
/** Sums are folded into the base every 16,384 samples: 16,384 gaps still fit 32 bits. */
const REBASE_MASK = 0x3fff;
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

/** Room that certainly suffices for the samples in so many bytes. */
export function deltaCapacity(byteLength: number): number {
  return Math.max(0, 1 + Math.floor((byteLength - HEAD_BYTES) / STEP_BYTES));
}

/**
 * Decodes any bytes into new arrays; never throws. Entries before a cut are kept.
 * Error `wire-shape`: shorter than one sample, unknown version, a time beyond 2^53, a value that is not finite.
 */
export function decodeDelta(bytes: Uint8Array): Result<DecodedDelta> {
  const count = countEntries(bytes);
  const target = { times: new Float64Array(count), values: new Float32Array(count) };
  const decoded = decodeDeltaInto(bytes, target);
  return decoded.ok ? ok({ ...target, complete: decoded.value.complete }) : decoded;
}

/**
 * As `decodeDelta`, into arrays of the caller, which may be used again and again: for small batches, making arrays costs
 * more than decoding.
 * @param target at least `deltaCapacity(bytes.length)` long, or as long as the samples are known to be many
 * @returns how many samples were written; after an error the target holds anything
 */
export function decodeDeltaInto(
  bytes: Uint8Array,
  target: DeltaSamples,
): Result<{ readonly count: number; readonly complete: boolean }> {
  if (bytes.length < HEAD_BYTES) return refuse(`delta data of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== VERSION) return refuse(`delta version byte ${view.getUint8(0)}`);
  const start = view.getInt32(5, true) * TWO_32 + view.getUint32(1, true);
  // Beyond 2^53 ms adding gaps would silently stop working.
  if (!Number.isSafeInteger(Math.abs(start) + MAX_GAP * deltaCapacity(bytes.length))) return refuse('delta time');
  const { at, count, finite } = decodeEntries(view, start, target);
  if (!finite) return refuse('delta value not finite');
  return ok({ count, complete: at === bytes.length });
}

/** The hot loop: 32-bit sums, as a chain of floating-point additions would have to wait for each one. */
function decodeEntries(view: DataView, start: number, { times, values }: DeltaSamples) {
  const end = view.byteLength;
  let time = start;
  let value = view.getFloat32(9, true);
  let finite = Number.isFinite(value);
  let gaps = 0;
  let steps = 0;
  let at = HEAD_BYTES;
  let count = 1;
  times[0] = start;
  values[0] = value;
  while (at + STEP_BYTES <= end) {
    const step = view.getInt8(at);
    if (step === RESET_STEP) {
      // A reset cut to 3 bytes must not pass as a step of −128.
      if (at + RESET_BYTES > end) break;
      value = view.getFloat32(at + 1, true);
      finite &&= Number.isFinite(value);
      steps = 0;
      at += RESET_BYTES - STEP_BYTES;
    } else {
      steps = (steps + step) | 0;
    }
    gaps = (gaps + view.getUint16(at + 1, true)) | 0;
    times[count] = time + gaps;
    values[count] = value + steps * STEP;
    if ((count & REBASE_MASK) === 0) {
      time += gaps;
      value += steps * STEP;
      gaps = steps = 0;
    }
    count += 1;
    at += STEP_BYTES;
  }
  return { at, count, finite };
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

/** Whole samples in the bytes. */
function countEntries(bytes: Uint8Array): number {
  if (bytes.length < HEAD_BYTES) return 0;
  let count = 1;
  let at = HEAD_BYTES;
  while ((at += bytes[at] === RESET_MARK ? RESET_BYTES : STEP_BYTES) <= bytes.length) count += 1;
  return count;
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
