/**
 * The times of a block. Samples at one instant and regular samples need no bytes each; others are whole ticks apart, a
 * tick being the largest number of microseconds that divides all gaps. Layout in `docs/block-form.md`.
 */
import { planColumn, readColumn, varintLength, writeColumn, type ColumnPlan } from './column.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

/** Codes on disk and on the wire; never to be given another meaning. */
const TIMING = { instant: 0, regular: 1, ticks: 2, raw: 3 } as const;

export type TimesPlan =
  | { readonly timing: typeof TIMING.instant }
  /** Sample i is at the first time + i · `period` ms. */
  | { readonly timing: typeof TIMING.regular; readonly period: number }
  /** `tick`: µs. */
  | { readonly timing: typeof TIMING.ticks; readonly tick: number; readonly column: ColumnPlan }
  | { readonly timing: typeof TIMING.raw };

/** Half a microsecond, in ms: what a regular time may differ from the one that was given. */
const TOLERANCE = 0.0005;
const US_PER_MS = 1000;
/** Beyond this many µs (the year 2112) a float64 of ms no longer tells whole microseconds apart. */
const MAX_US = 2 ** 52;
const MAX_TICKS = 2 ** 31 - 1;
/** A regular form costs 8 bytes whatever the length; two or three gaps are cheaper as ticks. */
const FEW = 4;

/** Chooses how to write the times. */
export function planTimes(times: Float64Array): TimesPlan {
  const first = times[0] ?? 0;
  if (times.every((time) => time === first)) return { timing: TIMING.instant };
  const period = times.length < FEW ? undefined : findPeriod(times);
  if (period !== undefined) return { timing: TIMING.regular, period };
  const ticks = planTicks(times);
  if (!ticks) return { timing: TIMING.raw };
  const size = varintLength(ticks.tick) + ticks.column.bytes;
  return size < 8 * (times.length - 1) ? ticks : { timing: TIMING.raw };
}

/** Writes the header's part: first time, coding and its parameter. */
export function writeTimesHead(writer: ByteWriter, plan: TimesPlan, first: number): void {
  writer.f64(first);
  writer.u8(plan.timing);
  if (plan.timing === TIMING.regular) writer.f64(plan.period);
  if (plan.timing === TIMING.ticks) writer.varint(plan.tick);
}

/** Writes the body's part. */
export function writeTimes(writer: ByteWriter, plan: TimesPlan, times: Float64Array): void {
  if (plan.timing === TIMING.ticks) writeColumn(writer, plan.column);
  if (plan.timing === TIMING.raw) for (let i = 1; i < times.length; i++) writer.f64(times[i] ?? 0);
}

/** What the header says about the times; `parameter`: period in ms or tick in µs, 0 if there is none. */
export interface TimesHead {
  readonly first: number;
  readonly timing: number;
  readonly parameter: number;
}

/** Reads the header's part. */
export function readTimesHead(reader: ByteReader): TimesHead {
  const first = reader.f64();
  const timing = reader.u8();
  const withPeriod = timing === TIMING.regular;
  return { first, timing, parameter: withPeriod ? reader.f64() : timing === TIMING.ticks ? reader.varint() : 0 };
}

/** Reads the body's part; undefined if the coding is not known here. Overruns show in the reader. */
export function readTimes(reader: ByteReader, head: TimesHead, count: number): Float64Array | undefined {
  const { first, timing, parameter } = head;
  const times = new Float64Array(count);
  if (count > 0) times[0] = first;
  switch (timing) {
    case TIMING.instant:
      return times.fill(first);
    case TIMING.regular:
      for (let i = 1; i < count; i++) times[i] = first + i * parameter;
      return times;
    case TIMING.ticks:
      return readTicks(reader, times, parameter);
    case TIMING.raw:
      for (let i = 1; i < count && !reader.overrun; i++) times[i] = reader.f64();
      return times;
    default:
      return undefined;
  }
}

/**
 * A period that yields the given times, bit for bit if there is one, else within half a microsecond; undefined if the
 * samples are not regular.
 */
function findPeriod(times: Float64Array): number | undefined {
  const first = times[0] ?? 0;
  const count = times.length;
  const mean = ((times[count - 1] ?? 0) - first) / (count - 1);
  // Cheap refusal of what is plainly irregular; NaN and infinities end here too.
  if (!(worstError(times, mean) <= 4 * TOLERANCE)) return undefined;
  const largest = Math.max(Math.abs(first), Math.abs(times[count - 1] ?? 0));
  const halfUlp = 2 ** (Math.floor(Math.log2(largest)) - 53);
  const exact = [mean, middlePeriod(times, halfUlp)].find((period) => worstError(times, period) === 0);
  return exact ?? [middlePeriod(times, TOLERANCE), mean].find((period) => worstError(times, period) <= TOLERANCE);
}

/** Middle of all periods that put every sample within `tolerance` ms of its time; NaN if there is none. */
function middlePeriod(times: Float64Array, tolerance: number): number {
  const first = times[0] ?? 0;
  let low = -Infinity;
  let high = Infinity;
  for (let i = 1; i < times.length; i++) {
    const elapsed = (times[i] ?? 0) - first;
    low = Math.max(low, (elapsed - tolerance) / i);
    high = Math.min(high, (elapsed + tolerance) / i);
  }
  return low <= high ? (low + high) / 2 : NaN;
}

/** Largest difference in ms between the times and those of a regular stream; NaN if there is none such. */
function worstError(times: Float64Array, period: number): number {
  const first = times[0] ?? 0;
  let worst = 0;
  for (let i = 0; i < times.length; i++) worst = Math.max(worst, Math.abs((times[i] ?? 0) - (first + i * period)));
  return worst;
}

/** The times as whole ticks; undefined if they are no whole microseconds of this century or too far apart. */
function planTicks(times: Float64Array): Extract<TimesPlan, { timing: typeof TIMING.ticks }> | undefined {
  const gaps = new Float64Array(times.length - 1);
  let before = Math.round((times[0] ?? 0) * US_PER_MS);
  let tick = 0;
  for (let i = 0; i < gaps.length; i++) {
    const now = Math.round((times[i + 1] ?? 0) * US_PER_MS);
    if (!(Math.abs(now) <= MAX_US && Math.abs(before) <= MAX_US)) return undefined;
    gaps[i] = now - before;
    tick = commonDivisor(tick, Math.abs(now - before));
    before = now;
  }
  // All within one microsecond, yet not one instant: any tick does.
  tick = Math.max(tick, 1);
  const column = new Int32Array(gaps.length);
  for (let i = 0; i < gaps.length; i++) {
    const ticks = (gaps[i] ?? 0) / tick;
    if (Math.abs(ticks) > MAX_TICKS) return undefined;
    column[i] = ticks;
  }
  return { timing: TIMING.ticks, tick, column: planColumn(column) };
}

function commonDivisor(a: number, b: number): number {
  let [large, small] = [a, b];
  while (small > 0) [large, small] = [small, large % small];
  return large;
}

function readTicks(reader: ByteReader, times: Float64Array, tick: number): Float64Array | undefined {
  if (times.length < 2) return times;
  const column = readColumn(reader, times.length - 1);
  if (!column) return undefined;
  let now = Math.round((times[0] ?? 0) * US_PER_MS);
  for (let i = 0; i < column.length; i++) {
    now += (column[i] ?? 0) * tick;
    times[i + 1] = now / US_PER_MS;
  }
  return times;
}
