/**
 * A block: some samples of one attribute of one sensor, in columns. Objects per sample exist only at the JSON edge.
 */
import type { AttributeId } from './attribute.ts';

/** JSON as it may stand in a measurement's payload. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Numbers with the time of each. */
export interface NumericBlock {
  readonly kind: 'numeric';
  readonly attribute: AttributeId;
  /** Unix milliseconds, fractions allowed, one per sample. Rounded only at the JSON edge. */
  readonly times: Float64Array;
  /** One number per sample, or one per sample and field, the fields of a sample next to each other. */
  readonly values: Float32Array;
  /** Names of the numbers of a sample (x, y, z …), at least one; absent: each sample is a plain number. */
  readonly fields?: readonly string[];
}

/** Structured values (battery with charging state, skeletons …), rare enough to be objects. */
export interface StructuredBlock {
  readonly kind: 'structured';
  readonly attribute: AttributeId;
  /** Unix milliseconds, same length as `payloads`. */
  readonly times: Float64Array;
  readonly payloads: readonly Json[];
}

export type Block = NumericBlock | StructuredBlock;

/** Number of samples in a block. */
export function blockLength(block: Block): number {
  return block.times.length;
}

/** Numbers per sample. */
export function fieldCount(block: NumericBlock): number {
  return block.fields?.length ?? 1;
}

/** What stands for sample `i` in a measurement: a number, or an object of its fields; null for what is no number. */
export function payloadAt(block: Block, i: number): Json {
  if (block.kind === 'structured') return block.payloads[i] ?? null;
  const { values, fields } = block;
  if (!fields) return finite(values[i]);
  return Object.fromEntries(fields.map((field, k) => [field, finite(values[i * fields.length + k])]));
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** Samples `from` … `to − 1` of a block; shares its numbers. The block itself if that is all of it. */
export function sliceBlock(block: Block, from: number, to: number): Block {
  if (from <= 0 && to >= blockLength(block)) return block;
  const times = block.times.subarray(from, to);
  if (block.kind === 'structured') return { ...block, times, payloads: block.payloads.slice(from, to) };
  const width = fieldCount(block);
  return { ...block, times, values: block.values.subarray(from * width, to * width) };
}

/** True if the two can stand in one block: same attribute, same kind, same fields. */
export function canJoin(a: Block, b: Block): boolean {
  if (a.attribute !== b.attribute || a.kind !== b.kind) return false;
  if (a.kind === 'structured' || b.kind === 'structured') return true;
  return a.fields?.join() === b.fields?.join();
}

/** One block of several that can stand in one. */
export function joinBlocks(first: Block, ...rest: readonly Block[]): Block {
  if (rest.length === 0) return first;
  const all = [first, ...rest];
  const times = new Float64Array(all.reduce((sum, block) => sum + blockLength(block), 0));
  let at = 0;
  for (const block of all) {
    times.set(block.times, at);
    at += blockLength(block);
  }
  if (first.kind === 'structured') {
    const payloads = all.flatMap((block) => (block.kind === 'structured' ? block.payloads : []));
    return { ...first, times, payloads };
  }
  const values = new Float32Array(times.length * fieldCount(first));
  at = 0;
  for (const block of all) {
    if (block.kind !== 'numeric') continue;
    values.set(block.values, at);
    at += block.values.length;
  }
  return { ...first, times, values };
}

/** A block of one number. `time` in Unix ms. */
export function singleValue(attribute: AttributeId, time: number, value: number): NumericBlock {
  return { kind: 'numeric', attribute, times: Float64Array.of(time), values: Float32Array.of(value) };
}
