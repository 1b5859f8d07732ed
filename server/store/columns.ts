/**
 * One column of a segment, in the smallest of four lossless forms:
 * - decimal: every value is an integer over the same power of ten (timestamps, bpm, 0.512 mV): zigzag varints of the
 *   differences, one or two bytes for a steady signal;
 * - decimal32: the same for values that went through a 32-bit float, as those of typed arrays did (0.512 is then
 *   0.5120000243186951);
 * - double: any other numbers, 8 bytes each;
 * - JSON: everything else.
 */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { VARINT_MAX } from './bytes.ts';

const DECIMAL = 0;
const DOUBLE = 1;
const JSON_TEXT = 2;
const DECIMAL32 = 3;

const MAX_DIGITS = 6;
const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6] as const;
/** Below this, differences and their zigzag form stay exact in a double. */
const MAX_INTEGER = 2 ** 51;

/** Appends a column of any JSON values. Throws what JSON.stringify throws. */
export function writeColumn(out: ByteWriter, values: readonly unknown[]): void {
  if (!areNumbers(values)) {
    out.byte(JSON_TEXT);
    out.text(JSON.stringify(values));
    return;
  }
  const digits = commonDigits(values, asIs);
  if (digits !== undefined) return writeDecimals(out, DECIMAL, values, digits);
  const digits32 = values.every((value) => Math.fround(value) === value)
    ? commonDigits(values, Math.fround)
    : undefined;
  if (digits32 !== undefined) writeDecimals(out, DECIMAL32, values, digits32);
  else writeDoubles(out, values);
}

/** Reads a column of `count` values. */
export function readColumn(input: ByteReader, count: number): unknown[] {
  const kind = input.byte();
  if (kind === DECIMAL) return readDecimals(input, count, asIs);
  if (kind === DECIMAL32) return readDecimals(input, count, Math.fround);
  if (kind === DOUBLE) return Array.from({ length: count }, () => input.double());
  if (kind !== JSON_TEXT) throw new RangeError(`unknown column kind ${kind}`);
  const values: unknown = JSON.parse(input.text());
  if (!Array.isArray(values) || values.length !== count) throw new RangeError('column length differs');
  return values;
}

function areNumbers(values: readonly unknown[]): values is readonly number[] {
  for (const value of values) if (typeof value !== 'number') return false;
  return true;
}

/** How a quotient becomes the value that is stored. */
type Rounding = (value: number) => number;

const asIs: Rounding = (value) => value;

/**
 * Least number of decimals that gives back every value exactly, or undefined. Exact because an integer over a power of
 * ten is rounded once, just as the decimal text was when it was parsed.
 */
function commonDigits(values: readonly number[], rounding: Rounding): number | undefined {
  let digits = 0;
  let largest = 0;
  for (const value of values) {
    while (!isDecimal(value, digits, rounding)) {
      if (digits === MAX_DIGITS) return undefined;
      digits += 1;
    }
    largest = Math.max(largest, Math.abs(value));
  }
  return largest * power(digits) < MAX_INTEGER ? digits : undefined;
}

function isDecimal(value: number, digits: number, rounding: Rounding): boolean {
  const scale = power(digits);
  // Object.is, not ===: a negative zero must come back as one.
  return Object.is(rounding(Math.round(value * scale) / scale), value) && !Object.is(value, -0);
}

function power(digits: number): number {
  return POWERS[digits] ?? 1;
}

function writeDoubles(out: ByteWriter, values: readonly number[]): void {
  out.byte(DOUBLE);
  for (const value of values) out.double(value);
}

function writeDecimals(out: ByteWriter, kind: number, values: readonly number[], digits: number): void {
  out.byte(kind);
  out.byte(digits);
  out.reserve(values.length * VARINT_MAX);
  const scale = power(digits);
  let previous = 0;
  for (const value of values) {
    const integer = Math.round(value * scale);
    const difference = integer - previous;
    out.varintReserved(difference < 0 ? -2 * difference - 1 : 2 * difference);
    previous = integer;
  }
}

function readDecimals(input: ByteReader, count: number, rounding: Rounding): number[] {
  const scale = power(input.byte());
  const values: number[] = [];
  let previous = 0;
  for (let i = 0; i < count; i++) {
    const zigzag = input.varint();
    previous += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    values.push(rounding(previous / scale));
  }
  return values;
}
