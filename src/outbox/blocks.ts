/** Cutting and joining blocks: the log joins small ones on their way to disk and hands out parts of large ones. */
import { blockLength, type Block } from '../model/block.ts';

/** Samples `from` … `to − 1` of a block; shares its numbers. The block itself if that is all of it. */
export function sliceBlock(block: Block, from: number, to: number): Block {
  if (from <= 0 && to >= blockLength(block)) return block;
  const times = block.times.subarray(from, to);
  return block.kind === 'numeric'
    ? { ...block, times, values: block.values.subarray(from, to) }
    : { ...block, times, payloads: block.payloads.slice(from, to) };
}

/** True if the two can stand in one record. */
export function canJoin(a: Block, b: Block): boolean {
  return a.attribute === b.attribute && a.kind === b.kind;
}

/** One block of several that can stand in one record; at least one. */
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
  const values = new Float32Array(times.length);
  at = 0;
  for (const block of all) {
    if (block.kind !== 'numeric') continue;
    values.set(block.values, at);
    at += block.values.length;
  }
  return { ...first, times, values };
}
