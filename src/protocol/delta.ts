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
/** Samples whose gaps certainly sum up to no more than 32 bits. */
const RUN_MAX = 0x4000;
const TWO_32 = 4294967296;
/** Samples whose columns engines keep on their own heap, where memory is cheap. */
const SHORT = 8;
/** One word seen as bits and as a number: a DataView per batch costs as much as decoding twenty samples. */
const SCRATCH = new DataView(new ArrayBuffer(4));

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
  const steps = new Uint8Array(HEAD_BYTES + STEP_BYTES * (count - 1));
  // Where nothing is reset, this is all there is to write.
  if (encodeDeltaInto(times, values, steps) !== undefined) return steps;
  const bytes = new Uint8Array(HEAD_BYTES + RESET_BYTES * (count - 1));
  return bytes.slice(0, encodeDeltaInto(times, values, bytes));
}

/**
 * As `encodeDelta`, into memory of the caller, which may be used again and again: for a batch of a few dozen samples,
 * making an array costs as much as filling it.
 * @returns bytes written; undefined if there was no room for them, which 13 + 7 · (samples − 1) always are
 */
export function encodeDeltaInto(
  times: Float64Array,
  values: Float32Array | Float64Array,
  target: Uint8Array,
): number | undefined {
  // Engines read a constant of the module anew in every turn of a loop.
  const scale = STEP;
  const most = MAX_STEPS;
  const longest = MAX_GAP;
  const count = Math.min(times.length, values.length);
  let spare = target.length - HEAD_BYTES - STEP_BYTES * (count - 1);
  if (count === 0) return 0;
  if (spare < 0) return undefined;
  let before = Math.round(times[0] ?? 0);
  // The loop is closed over what the decoder sees, float32 rounding included, so errors cannot add up.
  let previous = Math.fround(values[0] ?? 0);
  writeHead(target, before, previous);
  let at = HEAD_BYTES;
  for (let i = 1; i < count; i++) {
    const time = Math.round(times[i] ?? 0);
    const gap = Math.min(Math.max(time - before, 0), longest);
    before = time;
    const value = values[i] ?? 0;
    const steps = roundHalfAway((value - previous) / scale);
    if (steps <= most && steps >= -most) {
      target[at] = steps;
      previous += steps * scale;
      at = (at + 1) | 0;
    } else {
      spare -= RESET_BYTES - STEP_BYTES;
      if (spare < 0) return undefined;
      previous = Math.fround(value);
      target[at] = RESET_MARK;
      writeFloat32(target, at + 1, previous);
      at = (at + 5) | 0;
    }
    target[at] = gap;
    target[at + 1] = gap >> 8;
    at = (at + 2) | 0;
  }
  return at;
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
  // Exact, unless there are resets.
  const room = deltaCapacity(bytes.length);
  const target = newColumns(room);
  const decoded = decodeDeltaInto(bytes, target);
  if (!decoded.ok) return decoded;
  const { count, complete } = decoded.value;
  const { times, values } = target;
  return count === room
    ? ok({ times, values, complete })
    : ok({ times: times.slice(0, count), values: values.slice(0, count), complete });
}

/** Columns for so many samples. Long ones share their memory: getting it costs more than filling it. */
function newColumns(count: number): DeltaSamples {
  if (count <= SHORT) return { times: new Float64Array(count), values: new Float32Array(count) };
  const buffer = new ArrayBuffer(12 * count);
  return { times: new Float64Array(buffer, 0, count), values: new Float32Array(buffer, 8 * count, count) };
}

/**
 * As `decodeDelta`, into arrays of the caller, which may be used again and again.
 * @param target at least `deltaCapacity(bytes.length)` long, or as long as the samples are known to be many
 * @returns how many samples were written; after an error the target holds anything
 */
export function decodeDeltaInto(
  bytes: Uint8Array,
  target: DeltaSamples,
): Result<{ readonly count: number; readonly complete: boolean }> {
  const { length } = bytes;
  if (length < HEAD_BYTES) return refuse(`delta data of ${length} bytes`);
  if (bytes[0] !== VERSION) return refuse(`delta version byte ${bytes[0]}`);
  const start = readInt32(bytes, 5) * TWO_32 + (readInt32(bytes, 1) >>> 0);
  // Beyond 2^53 ms adding gaps would silently stop working.
  if (!(Math.abs(start) + MAX_GAP * length <= Number.MAX_SAFE_INTEGER)) return refuse('delta time');
  const { at, count, finite } = decodeEntries(bytes, start, target);
  if (!finite) return refuse('delta value not finite');
  return ok({ count, complete: at === length });
}

/** Runs of steps, with the resets between them. */
function decodeEntries(bytes: Uint8Array, start: number, { times, values }: DeltaSamples) {
  // Engines read a constant of the module anew in every turn of a loop.
  const reset = RESET_MARK;
  const scale = STEP;
  const end = bytes.length;
  let time = start;
  let value = readFloat32(bytes, 9);
  let finite = Number.isFinite(value);
  let at = HEAD_BYTES;
  let count = 1;
  times[0] = time;
  values[0] = value;
  for (;;) {
    // Within a run the sums are 32-bit integers: a chain of floating-point additions would have to wait for each one.
    const runEnd = (count + Math.min(RUN_MAX, (end - at) / STEP_BYTES)) | 0;
    let gaps = 0;
    let steps = 0;
    // Four at a time: the turns of the loop would be a quarter of its cost.
    while (count < runEnd - 3) {
      const a = bytes[at] ?? 0;
      const b = bytes[at + 3] ?? 0;
      const c = bytes[at + 6] ?? 0;
      const d = bytes[at + 9] ?? 0;
      if (a === reset || b === reset || c === reset || d === reset) break;
      steps = (steps + ((a << 24) >> 24)) | 0;
      gaps = (gaps + ((bytes[at + 1] ?? 0) | ((bytes[at + 2] ?? 0) << 8))) | 0;
      times[count] = time + gaps;
      values[count] = value + steps * scale;
      steps = (steps + ((b << 24) >> 24)) | 0;
      gaps = (gaps + ((bytes[at + 4] ?? 0) | ((bytes[at + 5] ?? 0) << 8))) | 0;
      times[count + 1] = time + gaps;
      values[count + 1] = value + steps * scale;
      steps = (steps + ((c << 24) >> 24)) | 0;
      gaps = (gaps + ((bytes[at + 7] ?? 0) | ((bytes[at + 8] ?? 0) << 8))) | 0;
      times[count + 2] = time + gaps;
      values[count + 2] = value + steps * scale;
      steps = (steps + ((d << 24) >> 24)) | 0;
      gaps = (gaps + ((bytes[at + 10] ?? 0) | ((bytes[at + 11] ?? 0) << 8))) | 0;
      times[count + 3] = time + gaps;
      values[count + 3] = value + steps * scale;
      count = (count + 4) | 0;
      at = (at + 12) | 0;
    }
    let step: number;
    while (count < runEnd && (step = bytes[at] ?? 0) !== reset) {
      steps = (steps + ((step << 24) >> 24)) | 0;
      gaps = (gaps + ((bytes[at + 1] ?? 0) | ((bytes[at + 2] ?? 0) << 8))) | 0;
      times[count] = time + gaps;
      values[count] = value + steps * scale;
      count = (count + 1) | 0;
      at = (at + 3) | 0;
    }
    time += gaps;
    value += steps * scale;
    if (at + STEP_BYTES > end) break;
    if (bytes[at] !== reset) continue;
    // A reset cut to 3 bytes must not pass as a step of −128.
    if (at + RESET_BYTES > end) break;
    value = readFloat32(bytes, at + 1);
    finite &&= Number.isFinite(value);
    time += (bytes[at + 5] ?? 0) | ((bytes[at + 6] ?? 0) << 8);
    times[count] = time;
    values[count] = value;
    count = (count + 1) | 0;
    at = (at + 7) | 0;
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
  return createCarrierReader()(raw);
}

/** As `decodeDeltaCarrier`, again and again into the same memory: what a call returns is good until the next call. */
export function createCarrierReader(): (raw: unknown) => Result<DeltaSamples> {
  let target = newColumns(0);
  return (raw) => {
    if (!isDeltaCarrier(raw)) return refuse('no delta carrier');
    const { data, sample_count: expected } = raw;
    const bytes = typeof data === 'string' ? fromBase64(data) : undefined;
    if (!bytes) return refuse('delta data is not base64');
    const room = deltaCapacity(bytes.length);
    if (target.times.length < room) target = newColumns(2 * room);
    const decoded = decodeDeltaInto(bytes, target);
    if (!decoded.ok) return decoded;
    const { count, complete } = decoded.value;
    if (!complete || count !== expected) return refuse(`delta data holds ${count} samples`);
    return ok({ times: target.times.subarray(0, count), values: target.values.subarray(0, count) });
  };
}

function writeHead(bytes: Uint8Array, time: number, value: number): void {
  bytes[0] = VERSION;
  writeInt32(bytes, 1, time | 0);
  writeInt32(bytes, 5, Math.floor(time / TWO_32));
  writeFloat32(bytes, 9, value);
}

function writeInt32(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word;
  bytes[at + 1] = word >> 8;
  bytes[at + 2] = word >> 16;
  bytes[at + 3] = word >> 24;
}

function readInt32(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  return low | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

function writeFloat32(bytes: Uint8Array, at: number, value: number): void {
  SCRATCH.setFloat32(0, value);
  writeInt32(bytes, at, SCRATCH.getInt32(0));
}

function readFloat32(bytes: Uint8Array, at: number): number {
  SCRATCH.setInt32(0, readInt32(bytes, at));
  return SCRATCH.getFloat32(0);
}

/**
 * The reference rounds ties away from zero; `Math.round` rounds them up, and branches on the fraction, which no processor
 * can foresee in a noisy signal.
 */
function roundHalfAway(x: number): number {
  const rounded = Math.floor(x + 0.5);
  const over = rounded - x;
  // A tie, or a sum that was rounded up to the next whole number: 0.49999999999999994 + 0.5 is 1.
  return over >= 0.5 && (over > 0.5 || x < 0) ? rounded - 1 : rounded;
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
