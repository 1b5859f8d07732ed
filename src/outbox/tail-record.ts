/**
 * The newest record of an attribute, on its way to disk. While it is open it grows: appended blocks join it and the record
 * on disk is overwritten, so that a long stretch offline ends up as few large records, with nothing to compact later.
 */
import { blockLength, canJoin, joinBlocks, type Block } from '../model/block.ts';
import { sampleBytes } from './held.ts';
import type { BlockCodec, StoredRecord } from './ports.ts';
import { sizeOf } from './row.ts';

/** A record grows to so many samples (5 s of ECG at 130 Hz), over so many ms, and to so many bytes. */
export const MAX_RECORD_SAMPLES = 650;
const MAX_RECORD_TIME = 10_000;
const MAX_RECORD_BYTES = 16_384;

export class TailRecord {
  /** Number of its first sample. */
  readonly id: number;
  readonly firstSeq: number;
  #block: Block;
  #parts: Block[] = [];
  #samples: number;
  #from: number;
  #to: number;
  #open = true;
  #stored: StoredRecord | undefined;
  /** Samples that are in the record on disk. */
  written = 0;
  /** Bytes it takes on disk, or is about to. */
  size = 0;
  /** Read from memory while there was no disk: its numbers are known elsewhere. */
  handed = false;
  /** All of it is on disk already, and is only written once more. */
  stored = false;

  constructor(id: number, firstSeq: number, block: Block) {
    this.id = id;
    this.firstSeq = firstSeq;
    this.#block = block;
    this.#samples = blockLength(block);
    this.#from = block.times[0] ?? 0;
    this.#to = block.times.at(-1) ?? 0;
  }

  get attribute(): string {
    return this.#block.attribute;
  }

  get samples(): number {
    return this.#samples;
  }

  /** Number of its last sample. */
  get last(): number {
    return this.id + this.#samples - 1;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Unix ms of the first and the last sample. */
  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  /** Bytes it takes in memory, near enough for a bound. */
  get held(): number {
    return this.#samples * sampleBytes(this.#parts.at(-1) ?? this.#block);
  }

  /** Bytes it will take on disk, near enough. */
  get needs(): number {
    return this.#stored?.samples === this.#samples ? sizeOf(this.#stored) : this.held;
  }

  get dirty(): boolean {
    return this.written !== this.#samples;
  }

  /** Whether the block may join: same kind, and neither too many, too long nor too large. */
  takes(block: Block): boolean {
    const to = block.times.at(-1) ?? 0;
    return (
      this.#open &&
      canJoin(this.#block, block) &&
      this.#samples + blockLength(block) <= MAX_RECORD_SAMPLES &&
      // Negated, so that a time that is none ends the record too. A clock set back also ends it.
      !(Math.abs(to - this.#from) > MAX_RECORD_TIME) &&
      (this.#stored?.bytes.length ?? 0) <= MAX_RECORD_BYTES
    );
  }

  add(block: Block): void {
    this.#parts.push(block);
    this.#samples += blockLength(block);
    this.#to = block.times.at(-1) ?? this.#to;
  }

  close(): void {
    this.#open = false;
  }

  /** All its samples as one block. */
  block(): Block {
    this.#block = joinBlocks(this.#block, ...this.#parts);
    this.#parts = [];
    return this.#block;
  }

  /** The record as it goes to disk. Throws what the codec throws. */
  encode(codec: BlockCodec): StoredRecord {
    if (this.#stored?.samples === this.#samples) return this.#stored;
    this.#stored = {
      attribute: this.attribute,
      samples: this.#samples,
      from: this.#from,
      to: this.#to,
      firstSeq: this.firstSeq,
      bytes: codec.encode(this.block(), this.firstSeq),
    };
    return this.#stored;
  }
}
