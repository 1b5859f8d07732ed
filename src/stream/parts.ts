/** Pieces of the log as they go into one batch, and how they are cut. */
import { isAttributeId } from '../model/attribute.ts';
import { sliceBlock } from '../model/block.ts';
import type { OutboxEntry, SampleRun } from './ports.ts';

/** In samples of a number: what reading a skeleton costs, the largest there is. */
const STRUCTURED_WEIGHT = 8;

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

/**
 * The first of them that are no more work for a server than `room` samples of a number, and at least one: a structured
 * sample may be a hundred numbers, and a server that takes thousands of those at once keeps everybody else waiting.
 */
export function fitting(entries: Entries, room: number): Entries {
  let left = room;
  let count = 0;
  for (const { block, samples } of entries) {
    const weight = block.kind === 'structured' ? STRUCTURED_WEIGHT : 1;
    const fits = Math.min(samples, Math.floor(left / weight));
    count += fits;
    left -= fits * weight;
    if (fits < samples) break;
  }
  return cut(entries, Math.max(1, count))[0];
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
