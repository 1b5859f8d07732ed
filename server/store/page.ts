/**
 * One part of a page of history: the first samples after a position, by time, then sequence number, then arrival, out of segments
 * that may overlap. It holds little more than a part, however many samples it is
 * offered.
 */
import { asSeq } from '../../src/protocol/ingest.ts';
import type { HistoryPosition, HistoryQuery, StoredMeasurement } from '../ports.ts';
import { timeOf } from './times.ts';

/** Bytes of a part as stored, skeletons as JSON; payloads may be large. */
const PART_BYTES_MAX = 2 ** 20;
/** Place of samples that wait to be written: behind all rows. */
export const WAITING_ROW = Infinity;

interface Entry extends HistoryPosition {
  readonly sample: StoredMeasurement;
  readonly bytes: number;
}

export class PageCollector {
  readonly #query: HistoryQuery;
  #entries: Entry[] = [];
  /** True once something was left for the next page. */
  #cut = false;
  /** Offered since the last trim, with what that left. */
  #bytes = 0;

  constructor(query: HistoryQuery) {
    this.#query = query;
  }

  /** Samples later than this are not in the part. */
  get bound(): number {
    return this.#cut ? (this.#entries.at(-1)?.time ?? -Infinity) : Infinity;
  }

  /** Takes the samples of one row, `bytes` long as `segmentWeight` counts. */
  add(samples: readonly StoredMeasurement[], row: number, bytes: number): void {
    const { from, to, after, limit } = this.#query;
    const { bound } = this;
    const each = bytes / samples.length;
    this.#bytes += bytes;
    for (const [index, sample] of samples.entries()) {
      const time = timeOf(sample.timestamp);
      if (time < from || time >= to || time > bound) continue;
      const entry = { time, seq: asSeq(sample.extra?.['seq']) ?? -1, row, index, sample, bytes: each };
      if (!after || compare(entry, after) > 0) this.#entries.push(entry);
    }
    if (this.#entries.length > limit || this.#bytes > PART_BYTES_MAX) this.#trim();
  }

  /** What the part holds, its bytes as they were counted, and where the next one begins; undefined when this one is the last. */
  finish(): {
    readonly samples: readonly StoredMeasurement[];
    readonly bytes: number;
    readonly next: HistoryPosition | undefined;
  } {
    this.#trim();
    const last = this.#entries.at(-1);
    const next = this.#cut && last ? { time: last.time, seq: last.seq, row: last.row, index: last.index } : undefined;
    return { samples: this.#entries.map(({ sample }) => sample), bytes: this.#bytes, next };
  }

  #trim(): void {
    this.#entries.sort(compare);
    let bytes = 0;
    let count = 0;
    for (const entry of this.#entries) {
      bytes += entry.bytes;
      // One sample always fits, or the page would never end.
      if (count === this.#query.limit || (count > 0 && bytes > PART_BYTES_MAX)) break;
      count += 1;
      this.#bytes = bytes;
    }
    if (count < this.#entries.length) {
      this.#cut = true;
      this.#entries.length = count;
    }
  }
}

/** Negative when `a` comes first. */
function compare(a: HistoryPosition, b: HistoryPosition): number {
  // Differences would be NaN between infinities.
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  if (a.seq !== b.seq) return a.seq - b.seq;
  if (a.row !== b.row) return a.row < b.row ? -1 : 1;
  return a.index - b.index;
}
