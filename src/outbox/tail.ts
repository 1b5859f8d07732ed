/** The end of one sensor's log: records that are not fully on disk, and those that may still grow. Gives out the numbers. */
import { sliceBlock, type Block } from '../model/block.ts';
import { RECORD_SPAN } from './ports.ts';
import { TailRecord } from './tail-record.ts';

export class Tail {
  /** Ascending. */
  #records: TailRecord[] = [];
  #nextId: number;

  /** @param nextId number of the next record's first sample */
  constructor(nextId: number) {
    this.#nextId = nextId;
  }

  get nextId(): number {
    return this.#nextId;
  }

  get records(): readonly TailRecord[] {
    return this.#records;
  }

  /** Every record on disk below this number is complete. */
  get stableBelow(): number {
    return this.#records[0]?.id ?? this.#nextId;
  }

  find(id: number): TailRecord | undefined {
    return this.#records.find((record) => record.id === id);
  }

  /** Puts a block at the end of its attribute's record, or begins one. Returns the number of its last sample. */
  grow(block: Block, firstSeq: number): number {
    const newest = this.#records.findLast((one) => one.open && one.attribute === block.attribute);
    if (newest?.takes(block)) {
      newest.add(block);
      return newest.last;
    }
    newest?.close();
    const record = this.#begin(block, firstSeq);
    this.#records.push(record);
    return record.last;
  }

  #begin(block: Block, firstSeq: number): TailRecord {
    const record = new TailRecord(this.#nextId, firstSeq, block);
    this.#nextId += RECORD_SPAN;
    return record;
  }

  /** No record grows any further: what was read before stays in order with what comes after. */
  seal(): void {
    for (const record of this.#records) record.close();
    this.settle();
  }

  remove(record: TailRecord): void {
    this.#records = this.#records.filter((one) => one !== record);
  }

  /** Lets go of what is on disk and cannot grow. */
  settle(): void {
    this.#records = this.#records.filter((record) => record.open || record.dirty);
  }

  /**
   * Gives samples that are in memory only, and were not read from there, new places and new sequence numbers: nobody has
   * seen the old ones.
   * @param numbers takes as many sequence numbers for the samples of this record that are not written, and returns the first
   * @returns records of which the old place must be cleared on disk, should they be there after all
   */
  renumber(numbers: (record: TailRecord) => number): readonly TailRecord[] {
    this.seal();
    const waiting = this.#records.filter((record) => !record.handed);
    this.#records = this.#records.filter((record) => record.handed);
    for (const record of waiting) {
      const block = record.block();
      const rest = sliceBlock(block, record.written, record.samples);
      const moved = this.#begin(rest, numbers(record));
      this.#records.push(moved);
      if (record.written === 0) continue;
      // Written once more as well: a longer one may be on its way to the disk at this moment.
      const kept = new TailRecord(record.id, record.firstSeq, sliceBlock(block, 0, record.written));
      kept.size = record.size;
      kept.stored = true;
      this.#records.push(kept);
    }
    this.#records.sort((a, b) => a.id - b.id);
    this.seal();
    return waiting.filter((record) => record.written === 0);
  }
}
