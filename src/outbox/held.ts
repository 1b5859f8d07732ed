/** How much room samples take in memory. */
import { blockLength, fieldCount, type Block } from '../model/block.ts';

/** Bytes of one sample of this block, near enough for a bound: structured ones are taken to be as large as the newest. */
export function sampleBytes(block: Block): number {
  if (block.kind === 'numeric') return 8 + 4 * fieldCount(block);
  return 8 + 2 * JSON.stringify(block.payloads.at(-1) ?? null).length;
}

export function heldBytes(block: Block): number {
  return blockLength(block) * sampleBytes(block);
}
