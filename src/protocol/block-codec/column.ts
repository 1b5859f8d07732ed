/**
 * A column of 32-bit integers: differences of the order that leaves least, then either packed to a common width or
 * Rice-coded, with width or Rice parameter chosen anew for every sub-block. All arithmetic is modulo 2^32, so any
 * integers come back. Layout in `docs/block-form.md`.
 */
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

const METHOD = { constant: 0, packed: 1, rice: 2 } as const;
type Method = (typeof METHOD)[keyof typeof METHOD];

const MAX_ORDER = 3;
/** Sub-blocks hold 8 to 1024 residuals. */
const MIN_LOG = 3;
const MAX_LOG = 10;
const WIDTH_BITS = 6;
const RICE_BITS = 5;
/** A quotient this large is escaped: this many ones, then the residual in 32 bits. */
const ESCAPE = 16;
const ESCAPE_MASK = 0xffff;

/** How a column will be written, and in how many bytes. */
export interface ColumnPlan {
  readonly first: number;
  readonly order: number;
  readonly method: Method;
  readonly log: number;
  /** Zigzag-coded, one fewer than the column has entries. */
  readonly residuals: Uint32Array;
  readonly bytes: number;
}

/** Chooses the smallest form. @param column at least one entry */
export function planColumn(column: Int32Array): ColumnPlan {
  const first = column[0] ?? 0;
  const head = 1 + varintLength(zigzag(first));
  if (column.every((entry) => entry === first)) {
    return { first, order: 0, method: METHOD.constant, log: MIN_LOG, residuals: new Uint32Array(0), bytes: head };
  }
  const order = bestOrder(column);
  const residuals = difference(column, order);
  let best: Pick<ColumnPlan, 'method' | 'log'> = { method: METHOD.packed, log: MIN_LOG };
  let bits = Infinity;
  for (const method of [METHOD.packed, METHOD.rice]) {
    let smaller = Infinity;
    for (let log = MIN_LOG; log <= MAX_LOG; log++) {
      const cost = columnCost(residuals, method, log);
      if (cost < bits) {
        bits = cost;
        best = { method, log };
      }
      // Costs fall and then rise with the size of sub-blocks, nearly always.
      if (cost > smaller || 1 << log >= residuals.length) break;
      smaller = cost;
    }
  }
  return { first, order, residuals, ...best, bytes: head + Math.ceil(bits / 8) };
}

/** Writes the column as planned. */
export function writeColumn(writer: ByteWriter, { first, order, method, log, residuals }: ColumnPlan): void {
  writer.u8(order | ((log - MIN_LOG) << 2) | (method << 5));
  writer.varint(zigzag(first));
  for (let from = 0; from < residuals.length; from += 1 << log) {
    const part = residuals.subarray(from, from + (1 << log));
    if (method === METHOD.packed) writePacked(writer, part);
    else writeRice(writer, part);
  }
  writer.align();
}

/** Reads a column of `count` ≥ 1 entries; undefined if its method is not known here. Overruns show in the reader. */
export function readColumn(reader: ByteReader, count: number): Int32Array | undefined {
  const head = reader.u8();
  const order = head & 3;
  const size = 1 << (((head >> 2) & 7) + MIN_LOG);
  const method = head >> 5;
  const first = unzigzag(reader.varint());
  const column = new Int32Array(count);
  if (method === METHOD.constant) return column.fill(first);
  if (method !== METHOD.packed && method !== METHOD.rice) return undefined;
  column[0] = first;
  for (let from = 1; from < count && !reader.overrun; from += size) {
    const to = Math.min(count, from + size);
    if (method === METHOD.packed) readPacked(reader, column, from, to);
    else readRice(reader, column, from, to);
  }
  reader.align();
  integrate(column, order);
  return column;
}

/** Small magnitudes of either sign (32 bits) become small unsigned numbers: 0, −1, 1, −2 … → 0, 1, 2, 3 … */
export function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

export function unzigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}

/** The order of differences whose residuals need fewest bits. The first entry stands on its own in any order. */
function bestOrder(column: Int32Array): number {
  const work = Int32Array.from(column);
  const origin = column[0] ?? 0;
  let best = 0;
  let fewest = 0;
  for (let i = 1; i < column.length; i++) fewest += bitLength(zigzag((column[i] ?? 0) - origin));
  for (let order = 1; order <= MAX_ORDER; order++) {
    let bits = 0;
    for (let i = work.length - 1; i >= order; i--) work[i] = (work[i] ?? 0) - (work[i - 1] ?? 0);
    for (let i = 1; i < work.length; i++) bits += bitLength(zigzag(work[i] ?? 0));
    if (bits >= fewest) continue;
    fewest = bits;
    best = order;
  }
  return best;
}

/** Zigzag-coded residuals of the given order, without the first entry. */
function difference(column: Int32Array, order: number): Uint32Array {
  const work = Int32Array.from(column);
  if (order === 0) {
    const origin = work[0] ?? 0;
    for (let i = 1; i < work.length; i++) work[i] = (work[i] ?? 0) - origin;
  }
  for (let pass = 1; pass <= order; pass++) {
    for (let i = work.length - 1; i >= pass; i--) work[i] = (work[i] ?? 0) - (work[i - 1] ?? 0);
  }
  const residuals = new Uint32Array(work.length - 1);
  for (let i = 0; i < residuals.length; i++) residuals[i] = zigzag(work[i + 1] ?? 0);
  return residuals;
}

/** Undoes `difference` in place. Int32Array wraps on its own, as the writer's did. */
function integrate(column: Int32Array, order: number): void {
  if (order === 0) {
    const origin = column[0] ?? 0;
    for (let i = 1; i < column.length; i++) column[i] = (column[i] ?? 0) + origin;
  }
  for (let pass = order; pass >= 1; pass--) {
    for (let i = pass; i < column.length; i++) column[i] = (column[i] ?? 0) + (column[i - 1] ?? 0);
  }
}

/** Bits of all residuals in this form. */
function columnCost(residuals: Uint32Array, method: Method, log: number): number {
  let bits = 0;
  for (let from = 0; from < residuals.length; from += 1 << log) {
    const part = residuals.subarray(from, from + (1 << log));
    bits += method === METHOD.packed ? WIDTH_BITS + part.length * packedWidth(part) : RICE_BITS + bestRice(part).bits;
  }
  return bits;
}

function packedWidth(part: Uint32Array): number {
  let all = 0;
  for (const residual of part) all |= residual;
  return bitLength(all);
}

function writePacked(writer: ByteWriter, part: Uint32Array): void {
  const width = packedWidth(part);
  writer.bits(width, WIDTH_BITS);
  for (const residual of part) writer.bits(residual, width);
}

function readPacked(reader: ByteReader, column: Int32Array, from: number, to: number): void {
  const width = reader.bits(WIDTH_BITS);
  if (width > 32) {
    reader.overrun = true;
    return;
  }
  for (let i = from; i < to; i++) column[i] = unzigzag(reader.bits(width));
}

/** Best Rice parameter near the one that the mean suggests, and the bits it needs. */
function bestRice(part: Uint32Array): { readonly parameter: number; readonly bits: number } {
  let sum = 0;
  for (const residual of part) sum += residual;
  const guess = bitLength(sum / part.length) - 1;
  const parameter = Math.max(0, guess);
  const bits = riceCost(part, parameter);
  if (guess < 1) return { parameter, bits };
  const lower = riceCost(part, guess - 1);
  return lower < bits ? { parameter: guess - 1, bits: lower } : { parameter, bits };
}

function riceCost(part: Uint32Array, parameter: number): number {
  let bits = 0;
  for (const residual of part) {
    const quotient = residual >>> parameter;
    bits += quotient < ESCAPE ? quotient + 1 + parameter : ESCAPE + 32;
  }
  return bits;
}

function writeRice(writer: ByteWriter, part: Uint32Array): void {
  const { parameter } = bestRice(part);
  writer.bits(parameter, RICE_BITS);
  for (const residual of part) writeRiceNumber(writer, residual, parameter);
}

/** One unsigned number of 32 bits, Rice-coded. @param parameter 0–31 */
export function writeRiceNumber(writer: ByteWriter, number: number, parameter: number): void {
  const quotient = number >>> parameter;
  if (quotient < ESCAPE) {
    writer.bits((1 << quotient) - 1, quotient + 1);
    writer.bits(number, parameter);
  } else {
    writer.bits(ESCAPE_MASK, ESCAPE);
    writer.bits(number, 32);
  }
}

/** Reads what `writeRiceNumber` wrote with the same parameter. */
export function readRiceNumber(reader: ByteReader, parameter: number): number {
  const quotient = reader.ones(ESCAPE);
  return quotient < ESCAPE ? quotient * 2 ** parameter + reader.bits(parameter) : reader.bits(32);
}

function readRice(reader: ByteReader, column: Int32Array, from: number, to: number): void {
  const parameter = reader.bits(RICE_BITS);
  for (let i = from; i < to; i++) column[i] = unzigzag(readRiceNumber(reader, parameter));
}

function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}

/** Bytes of a LEB128 number below 2^32. */
export function varintLength(value: number): number {
  return Math.max(1, Math.ceil(bitLength(value) / 7));
}
