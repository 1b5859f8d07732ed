/** One series in memory: the samples that wait to be written, and which sequence numbers were ever taken over. */
import { asSeq, type WireSample } from '../../src/protocol/ingest.ts';
import { asBytes } from './rows.ts';
import { SeqRanges } from './seq-ranges.ts';
import { skeletonJsonBytes } from './skeletons.ts';
import type { Span } from './times.ts';

/** About what a sample of one number is as JSON, bytes. */
const PLAIN_SAMPLE_JSON = 100;

/** Where the samples of one sensor and attribute go. */
export interface Series {
  /** Takes one sample over by reference: it must not be changed afterwards. */
  push(sample: WireSample): void;
  /** True when a sample with this number was taken over before, in this life of the gateway or an earlier one. */
  holds(seq: number): boolean;
  /** The highest number taken over; −1 when there is none. */
  readonly newestSeq: number;
}

/** The last segment of a series while it may still grow. */
export interface OpenSegment {
  readonly row: number | bigint;
  readonly since: number;
  readonly samples: readonly WireSample[];
  readonly span: Span;
}

/** What a buffer needs of its writer. */
export interface BufferHost {
  wake(buffer: SeriesBuffer): void;
  /** Notes a payload that may take far more in memory than it did on the wire: its bytes as JSON. */
  heavy(bytes: number): void;
  /** Goes up when samples that were taken over are gone again. */
  readonly losses: number;
  seqs(sensorId: string, attribute: string): SeqRanges;
}

export class SeriesBuffer implements Series {
  readonly sensorId: string;
  readonly attribute: string;
  readonly #host: BufferHost;
  #waiting: WireSample[] = [];
  /** Bytes of the heavy ones among them, as JSON. */
  #heavyBytes = 0;
  /** Rows of the database this buffer knows, valid for one epoch of the writer. */
  known: { readonly epoch: number; readonly series: number; open: OpenSegment | undefined } | undefined;
  /** Numbers on disk and waiting; read from the store when first asked for. */
  #seqs: { readonly losses: number; readonly ranges: SeqRanges } | undefined;

  constructor(sensorId: string, attribute: string, host: BufferHost) {
    this.sensorId = sensorId;
    this.attribute = attribute;
    this.#host = host;
  }

  get newestSeq(): number {
    return this.#ranges().newest;
  }

  /** Oldest first. */
  get waiting(): readonly WireSample[] {
    return this.#waiting;
  }

  /** How much memory they take, in plain samples. */
  get weight(): number {
    return this.#waiting.length + Math.ceil(this.#heavyBytes / PLAIN_SAMPLE_JSON);
  }

  /** They wait no more: written, or given up. */
  clear(): void {
    this.#waiting = [];
    this.#heavyBytes = 0;
  }

  push(sample: WireSample): void {
    const seq = asSeq(sample['seq']);
    if (seq !== undefined) this.#ranges().add(seq);
    if (this.#waiting.length === 0) this.#host.wake(this);
    this.#waiting.push(sample);
    if (typeof sample.payload !== 'object') return;
    const bytes = skeletonJsonBytes(sample.payload);
    this.#heavyBytes += bytes;
    this.#host.heavy(bytes);
  }

  holds(seq: number): boolean {
    return this.#ranges().has(seq);
  }

  #ranges(): SeqRanges {
    const { losses } = this.#host;
    if (this.#seqs?.losses !== losses) {
      this.#seqs = { losses, ranges: this.#host.seqs(this.sensorId, this.attribute) };
    }
    return this.#seqs.ranges;
  }
}

/** The numbers of a row of `series`; damaged ones count as none. */
export function rangesFrom(row: Readonly<Record<string, unknown>> | undefined): SeqRanges {
  const bytes = asBytes(row?.['seqs']);
  try {
    return bytes ? SeqRanges.decode(bytes) : new SeqRanges();
  } catch (error) {
    // Taking samples twice is better than refusing ones that are not there.
    if (error instanceof RangeError) return new SeqRanges();
    throw error;
  }
}
