/** Pieces of the log as they go into one batch, and how they are cut. */
import { isAttributeId } from '../model/attribute.ts';
import { sliceBlock } from '../model/block.ts';
import type { OutboxEntry, SampleRun } from './ports.ts';

export type Entries = readonly OutboxEntry[];

/** Samples of these entries together. */
export function countSamples(entries: Entries): number {
  return entries.reduce((sum, entry) => sum + entry.samples, 0);
}

/** The first `count` samples, and the others. Numbers and sequence numbers stay with their samples. */
export function cut(entries: Entries, count: number): readonly [Entries, Entries] {
  const head: OutboxEntry[] = [];
  const tail: OutboxEntry[] = [];
  let room = count;
  for (const entry of entries) {
    const taken = Math.max(0, Math.min(room, entry.samples));
    room -= taken;
    if (taken > 0) head.push(slice(entry, 0, taken));
    if (taken < entry.samples) tail.push(slice(entry, taken, entry.samples));
  }
  return [head, tail];
}

/** The same in two halves; the second is empty for a single sample. */
export function halve(entries: Entries): readonly [Entries, Entries] {
  return cut(entries, Math.ceil(countSamples(entries) / 2));
}

function slice(entry: OutboxEntry, from: number, to: number): OutboxEntry {
  if (from === 0 && to === entry.samples) return entry;
  return {
    // The number is that of the last sample.
    id: entry.id - (entry.samples - to),
    block: sliceBlock(entry.block, from, to),
    firstSeq: entry.firstSeq + from,
    samples: to - from,
  };
}

export function runsOf(entries: Entries): readonly SampleRun[] {
  return entries.map(({ id, samples }) => ({ last: id, samples }));
}

/** The front: as many entries as are alike in whether a server takes their attribute id. */
export function leading(entries: Entries): { readonly valid: boolean; readonly run: Entries } {
  const isValid = (entry: OutboxEntry | undefined): boolean => isAttributeId(entry?.block.attribute);
  const valid = isValid(entries[0]);
  const end = entries.findIndex((entry) => isValid(entry) !== valid);
  return { valid, run: end === -1 ? entries : entries.slice(0, end) };
}
