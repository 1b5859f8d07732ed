/** Sets of sequence numbers as ascending, disjoint ranges with both ends included. Pure. */
import type { SeqRange } from '../model/proof.ts';

export function countSeq(ranges: readonly SeqRange[]): number {
  return ranges.reduce((sum, [first, last]) => sum + (last - first + 1), 0);
}

/** Numbers in both sets. Each must be ascending and disjoint. */
export function intersectSeq(left: readonly SeqRange[], right: readonly SeqRange[]): SeqRange[] {
  const out: SeqRange[] = [];
  let [i, j] = [0, 0];
  for (let a = left[i], b = right[j]; a !== undefined && b !== undefined; a = left[i], b = right[j]) {
    const first = Math.max(a[0], b[0]);
    const last = Math.min(a[1], b[1]);
    if (first <= last) out.push([first, last]);
    if (a[1] < b[1]) i += 1;
    else j += 1;
  }
  return out;
}
