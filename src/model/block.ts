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
  /** Unix milliseconds, fractions allowed, same length as `values`. Rounded only at the JSON edge. */
  readonly times: Float64Array;
  readonly values: Float32Array;
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

/** A block of one number. `time` in Unix ms. */
export function singleValue(attribute: AttributeId, time: number, value: number): NumericBlock {
  return { kind: 'numeric', attribute, times: Float64Array.of(time), values: Float32Array.of(value) };
}
