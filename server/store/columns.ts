/**
 * One column of a segment, in the smallest of three lossless forms:
 * - decimal: every value is an integer over the same power of ten (timestamps, bpm, 0.512 mV): zigzag varints of the
 *   differences, one or two bytes for a steady signal;
 * - double: any other numbers, 8 bytes each;
 * - JSON: everything else.
 */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { VARINT_MAX } from './bytes.ts';

const DECIMAL = 0;
const DOUBLE = 1;
const JSON_TEXT = 2;

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
  const digits = commonDigits(values);
  if (digits === undefined) writeDoubles(out, values);
  else writeDecimals(out, values, digits);
}

/** Reads a column of `count` values. */
export function readColumn(input: ByteReader, count: number): unknown[] {
  const kind = input.byte();
  if (kind === DECIMAL) return readDecimals(input, count);
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

/**
 * Least number of decimals that gives back every value exactly, or undefined. Exact because an integer over a power of
 * ten is rounded once, just as the decimal text was when it was parsed.
 */
function commonDigits(values: readonly number[]): number | undefined {
  let digits = 0;
  let largest = 0;
  for (const value of values) {
    while (!isDecimal(value, digits)) {
      if (digits === MAX_DIGITS) return undefined;
      digits += 1;
    }
    largest = Math.max(largest, Math.abs(value));
  }
  return largest * power(digits) < MAX_INTEGER ? digits : undefined;
}

function isDecimal(value: number, digits: number): boolean {
  const scale = power(digits);
  // Object.is, not ===: a negative zero must come back as one.
  return Object.is(Math.round(value * scale) / scale, value) && !Object.is(value, -0);
}

function power(digits: number): number {
  return POWERS[digits] ?? 1;
}

function writeDoubles(out: ByteWriter, values: readonly number[]): void {
  out.byte(DOUBLE);
  for (const value of values) out.double(value);
}

function writeDecimals(out: ByteWriter, values: readonly number[], digits: number): void {
  out.byte(DECIMAL);
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

function readDecimals(input: ByteReader, count: number): number[] {
  const scale = power(input.byte());
  const values: number[] = [];
  let previous = 0;
  for (let i = 0; i < count; i++) {
    const zigzag = input.varint();
    previous += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    values.push(previous / scale);
  }
  return values;
}
