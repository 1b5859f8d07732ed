/** A derived sample: an estimate, with what it comes from and how far it can be believed. */
import type { AttributeId } from '../model/attribute.ts';
import type { NumericBlock } from '../model/block.ts';
import type { QualityCause } from './quality.ts';

export interface Derived {
  readonly estimate: true;
  /** The attribute it was derived from. */
  readonly source: AttributeId;
  /** One sample. */
  readonly block: NumericBlock;
  /** 0 … 1. */
  readonly quality: number;
  /** Of a quality attribute: what lowers it. */
  readonly cause?: QualityCause;
}

/**
 * One derived sample.
 * @param time Unix ms
 * @param numbers one per field, or one
 */
export function derived(
  { attribute, fields }: { readonly attribute: AttributeId; readonly fields?: readonly string[] },
  source: AttributeId,
  time: number,
  quality: number,
  numbers: readonly number[],
): Derived {
  const columns = { kind: 'numeric', times: Float64Array.of(time), values: Float32Array.from(numbers) } as const;
  const block: NumericBlock = fields ? { ...columns, attribute, fields } : { ...columns, attribute };
  return { estimate: true, source, block, quality };
}
