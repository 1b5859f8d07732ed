/**
 * Many records in one buffer: a part of the log, or one binary push. A damaged record is counted and stepped over; it
 * never hides the ones behind it.
 */
import { blockLength, type Block } from '../model/block.ts';
import { decodeBlock, encodeBlock, type BlockRecord, type EncodeMeta } from './block-codec.ts';
import { ENVELOPE_BYTES, readEnvelope } from './block-codec/envelope.ts';

/** What a buffer of records held. */
export interface BlockSequence {
  readonly records: readonly BlockRecord[];
  /** Damaged records; a stretch of bytes in which no record starts counts as one. */
  readonly corrupt: number;
  /** Sound records of a later version of this app: to be kept, not thrown away. */
  readonly newer: number;
  /** Bytes that were read: all, or fewer if the limit of samples was reached. Go on with `bytes.subarray(read)`. */
  readonly read: number;
}

/** After so many samples (12 bytes each, about 50 MB) a call stops: few bytes may claim many samples. */
const MAX_SAMPLES = 2 ** 22;
/** Bytes that may be checked again while looking for the next record, as a multiple of the buffer. */
const SEARCH_EFFORT = 4;

/** The records one after the other. Throws as `encodeBlock` does. */
export function encodeBlocks(records: readonly (BlockRecord & EncodeMeta)[]): Uint8Array<ArrayBuffer> {
  const parts = records.map((record) => encodeBlock(record.block, record));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * All records that can be read, in order; never throws, whatever the bytes, and takes time in proportion to them.
 * @param maxSamples the call ends with the record that reaches this many; large skeletons count as several
 */
export function decodeBlocks(bytes: Uint8Array, maxSamples = MAX_SAMPLES): BlockSequence {
  const records: BlockRecord[] = [];
  let corrupt = 0;
  let newer = 0;
  let samples = 0;
  let effort = SEARCH_EFFORT * bytes.length;
  let at = 0;
  while (at < bytes.length && samples < maxSamples) {
    const end = readEnvelope(bytes, at)?.end ?? Infinity;
    const decoded = end <= bytes.length ? decodeBlock(bytes.subarray(at, end)) : undefined;
    if (decoded?.ok) {
      records.push(decoded.value);
      samples += weightOf(decoded.value.block);
      at = end;
      continue;
    }
    if (decoded?.error.code === 'block-version') newer += 1;
    else corrupt += 1;
    if (decoded) effort -= end - at;
    // Its length is trusted if another record, or the end, is where it says. If not, it was cut off by what follows.
    const skippable = end === bytes.length || (end < bytes.length && readEnvelope(bytes, end) !== undefined);
    at = skippable || (decoded && effort < 0) ? end : nextEnvelope(bytes, at + 1);
  }
  return { records, corrupt, newer, read: at };
}

/** In samples. Each landmark of a skeleton counts as one: they are objects, and may take few bytes each. */
function weightOf(block: Block): number {
  const first = block.kind === 'structured' ? block.payloads[0] : undefined;
  const lists = typeof first === 'object' && first !== null ? Object.values(first).filter(Array.isArray) : [];
  const landmarks = lists.reduce((sum, list) => sum + list.length, 0);
  return blockLength(block) * Math.max(1, landmarks);
}

/** Where the next sound envelope starts, or the end of the bytes. */
function nextEnvelope(bytes: Uint8Array, from: number): number {
  for (let at = from; at + ENVELOPE_BYTES <= bytes.length; at++) if (readEnvelope(bytes, at)) return at;
  return bytes.length;
}
