/**
 * The numbers of a block, bit for bit: as integers times a scale where the device sends integers, else the bits of the
 * floats as integers that sort alike, else as they are. Layout in `docs/block-form.md`.
 */
import { planColumn, readColumn, writeColumn, type ColumnPlan } from './column.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

/** Codes on disk and on the wire; never to be given another meaning. */
const CODING = { raw: 0, scaled: 1, ordered: 2, scaledZeros: 3 } as const;

/** A value is `integer · factor / divisor`, rounded to float32. */
interface Scale {
  readonly factor: number;
  readonly divisor: number;
}

/** Scale number 0 is a factor of the writer's own, in the header. */
const OWN_SCALE = 0;

/** Scales by their number, coarse before fine within a family; only ever to be extended at the end. */
const SCALES: readonly Scale[] = [
  { factor: 1, divisor: 1 },
  { factor: 1, divisor: 10 },
  { factor: 1, divisor: 100 },
  { factor: 1, divisor: 1000 },
  // 1/1024 s in ms: RR intervals of the Bluetooth heart rate service.
  { factor: 125, divisor: 128 },
  { factor: 1, divisor: 2 },
  { factor: 1, divisor: 4 },
  { factor: 1, divisor: 16 },
  { factor: 1, divisor: 256 },
  { factor: 1, divisor: 1024 },
  { factor: 1, divisor: 16_384 },
  { factor: 1, divisor: 32_768 },
  { factor: 1, divisor: 10_000 },
  { factor: 1, divisor: 100_000 },
  { factor: 1, divisor: 1_000_000 },
];

/** A float32 tells no more integers apart than these, so larger ones could not be cheaper than its own bits. */
const MAX_INTEGER = 2 ** 24;
const SIGN_FREE = 0x7fff_ffff;

export type ValuesPlan =
  | { readonly coding: typeof CODING.raw }
  | { readonly coding: typeof CODING.ordered; readonly column: ColumnPlan }
  | ({ readonly coding: typeof CODING.scaled; readonly column: ColumnPlan } & ScaledHead)
  /** Integers too, but these samples are negative zeros, which an integer cannot be. `zeros`: ascending. */
  | ({
      readonly coding: typeof CODING.scaledZeros;
      readonly column: ColumnPlan;
      readonly zeros: readonly number[];
    } & ScaledHead);

interface ScaledHead {
  /** Number of the scale. */
  readonly number: number;
  readonly factor: number;
}

/**
 * Chooses how to write the values.
 * @param unit what the device's integers count, if its makers say so (0.0488 for mg per step …); tried first
 */
export function planValues(values: Float32Array, unit: number | undefined): ValuesPlan {
  if (values.length === 0) return { coding: CODING.raw };
  const scaled = scaleOf(values, unit);
  const column = planColumn(scaled?.integers ?? orderedBits(values));
  if (column.bytes >= 4 * values.length) return { coding: CODING.raw };
  if (!scaled) return { coding: CODING.ordered, column };
  const { number, factor, zeros } = scaled;
  if (zeros.length === 0) return { coding: CODING.scaled, number, factor, column };
  return { coding: CODING.scaledZeros, number, factor, column, zeros };
}

/** Writes the header's part: coding and its parameters. */
export function writeValuesHead(writer: ByteWriter, plan: ValuesPlan): void {
  writer.u8(plan.coding);
  if (plan.coding === CODING.raw || plan.coding === CODING.ordered) return;
  writer.u8(plan.number);
  if (plan.number === OWN_SCALE) writer.f64(plan.factor);
}

/** Writes the body's part. */
export function writeValues(writer: ByteWriter, plan: ValuesPlan, values: Float32Array): void {
  if (plan.coding === CODING.raw) for (const bits of bitsOf(values)) writer.u32(bits);
  else writeColumn(writer, plan.column);
  if (plan.coding !== CODING.scaledZeros) return;
  writer.varint(plan.zeros.length);
  let before = 0;
  for (const index of plan.zeros) {
    writer.varint(index - before);
    before = index;
  }
}

/** What the header says about the values; `scale` is there for integers only. */
export interface ValuesHead {
  readonly coding: number;
  readonly scale: Scale | undefined;
}

/** Reads the header's part; undefined if a scale is not known here. */
export function readValuesHead(reader: ByteReader): ValuesHead | undefined {
  const coding = reader.u8();
  if (coding !== CODING.scaled && coding !== CODING.scaledZeros) return { coding, scale: undefined };
  const number = reader.u8();
  const scale = number === OWN_SCALE ? { factor: reader.f64(), divisor: 1 } : SCALES[number - 1];
  return scale && { coding, scale };
}

/** Reads the body's part; undefined if the coding is not known here. Overruns show in the reader. */
export function readValues(reader: ByteReader, head: ValuesHead, count: number): Float32Array | undefined {
  const values = new Float32Array(count);
  const bits = bitsOf(values);
  if (head.coding === CODING.raw) {
    for (let i = 0; i < count && !reader.overrun; i++) bits[i] = reader.u32();
    return values;
  }
  if (count === 0 || (head.coding !== CODING.ordered && !head.scale)) return undefined;
  const column = readColumn(reader, count);
  if (!column) return undefined;
  if (head.scale) {
    const { factor, divisor } = head.scale;
    for (let i = 0; i < count; i++) values[i] = ((column[i] ?? 0) * factor) / divisor;
    if (head.coding === CODING.scaledZeros) readZeros(reader, values);
  } else {
    for (let i = 0; i < count; i++) bits[i] = order(column[i] ?? 0);
  }
  return values;
}

/** Puts negative zeros where the list says. */
function readZeros(reader: ByteReader, values: Float32Array): void {
  let index = 0;
  for (let left = reader.varint(); left > 0 && !reader.overrun; left--) {
    index += reader.varint();
    if (index < values.length) values[index] = -0;
    else reader.overrun = true;
  }
}

/** The bits of floats, in place. Unlike a copy through a number, this keeps every bit. */
function bitsOf(values: Float32Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}

/** Turns float bits into an integer that sorts as the float does, and back: near floats become near integers. */
function order(bits: number): number {
  return bits ^ ((bits >> 31) & SIGN_FREE);
}

function orderedBits(values: Float32Array): Int32Array {
  return bitsOf(values).map(order);
}

interface Integers {
  readonly integers: Int32Array;
  /** Where the value is a negative zero. */
  readonly zeros: readonly number[];
}

/** The first scale of which every value is an integer multiple, bit for bit. */
function scaleOf(values: Float32Array, unit: number | undefined): (Integers & ScaledHead) | undefined {
  if (unit !== undefined) {
    const known = SCALES.findIndex(({ factor, divisor }) => factor / divisor === unit);
    const found = integersOf(values, SCALES[known] ?? { factor: unit, divisor: 1 });
    if (found) return { number: known < 0 ? OWN_SCALE : known + 1, factor: unit, ...found };
  }
  for (const [index, scale] of SCALES.entries()) {
    const found = integersOf(values, scale);
    if (found) return { number: index + 1, factor: scale.factor, ...found };
  }
  return undefined;
}

/** The integers behind the values, undefined as soon as one value would not come back bit for bit. */
function integersOf(values: Float32Array, { factor, divisor }: Scale): Integers | undefined {
  const integers = new Int32Array(values.length);
  const zeros: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    const integer = Math.round((value * divisor) / factor);
    if (!(Math.abs(integer) <= MAX_INTEGER) || Math.fround((integer * factor) / divisor) !== value) return undefined;
    integers[i] = integer;
    if (Object.is(value, -0)) zeros.push(i);
  }
  return { integers, zeros };
}
