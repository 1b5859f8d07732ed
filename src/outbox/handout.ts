/** What reads gave away and nobody has answered for yet. Bounded by what the stream has on its way. */
import type { AttributeId } from '../model/attribute.ts';
import type { OutboxEntry } from '../stream/ports.ts';
import type { IdRanges } from '../lib/id-ranges.ts';

/** A record as its parts remember it. */
export interface RecordFacts {
  /** Numbers of its first and last sample. */
  readonly id: number;
  readonly last: number;
  readonly attribute: AttributeId;
  /** Bytes on disk. */
  readonly size: number;
}

/** The same, with the times of its first and last sample, Unix ms. */
export interface DatedRecord extends RecordFacts {
  readonly from: number;
  readonly to: number;
}

/** One entry that was read. */
export interface Handed {
  readonly entry: OutboxEntry;
  /** Everything from this number to the entry's is dealt with once the entry is. */
  readonly from: number;
  readonly record: RecordFacts;
}

/** Number of an entry's first sample. */
export function firstOf({ id, samples }: OutboxEntry): number {
  return id - samples + 1;
}

export class Handout {
  #handed: Handed[] = [];

  add(one: Handed): void {
    this.#handed.push(one);
  }

  /** What was given away up to this number counts as unread again. */
  takeBack(upTo: number): void {
    this.#handed = this.#handed.filter(({ entry }) => entry.id > upTo);
  }

  /** Entries that hold one of the samples `from` … `to`. */
  overlapping(from: number, to: number): readonly Handed[] {
    return this.#handed.filter(({ entry }) => entry.id >= from && firstOf(entry) <= to);
  }

  /** Samples of an attribute that were given away and are not dealt with. */
  count(attribute: AttributeId, gone: IdRanges): number {
    const ours = this.#handed.filter(({ record }) => record.attribute === attribute);
    return ours.reduce((sum, { entry }) => sum + entry.samples - gone.count(firstOf(entry), entry.id), 0);
  }

  /** Lets go of entries that are dealt with as a whole, and returns them. */
  sweep(gone: IdRanges): readonly Handed[] {
    const done = this.#handed.filter(({ entry }) => gone.covers(firstOf(entry), entry.id));
    if (done.length > 0) this.#handed = this.#handed.filter((one) => !done.includes(one));
    return done;
  }

  /** Time of the oldest sample of the log, Unix ms, if that was given away: nothing before it is left. */
  oldest(gone: IdRanges, start: number): number | undefined {
    const first = this.#handed.find(({ from }) => gone.missing(start, from - 1).length === 0);
    return first?.entry.block.times[0];
  }
}
