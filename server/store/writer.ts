/**
 * Samples on their way to disk: they wait in memory per series and are written as segments, all series in one
 * transaction. A slow series keeps its last segment open and has it rewritten, so that one sample a second does not
 * become one row a second.
 */
import type Database from 'libsql';
import { asSeq, type WireSample } from '../../src/protocol/ingest.ts';
import { ByteWriter } from './bytes.ts';
import { asText, firstRow } from './rows.ts';
import { encodeSegment, segmentWeight } from './segment.ts';
import type { SeqRanges } from './seq-ranges.ts';
import { type BufferHost, type OpenSegment, rangesFrom, type Series, SeriesBuffer } from './series.ts';
import { skeletonJsonBytes } from './skeletons.ts';
import { isNarrow, joined, partByTime, type Span, spanOf } from './times.ts';
import { TURN_BYTES } from './turns.ts';

/** An open segment is rewritten until it reaches one of these. */
const OPEN_SAMPLES_MAX = 128;
const OPEN_BYTES_MAX = 8192;
const OPEN_AGE_MAX = 60_000;

/** A segment is read whole: these keep that short. */
const SEGMENT_SAMPLES_MAX = 8192;
const SEGMENT_BYTES_MAX = 2 ** 20;
/** Of skeletons, as JSON: their bits take longer, and more of them together would hardly get smaller. */
const SKELETONS_BYTES_MAX = TURN_BYTES;

/** Write early beyond these, so that a flood costs memory for a fraction of the interval only. */
const WAITING_SAMPLES_MAX = 150_000;
const WAITING_BYTES_MAX = 16 * 2 ** 20;
/** Skeletons as objects take over twice as much as they do as JSON. */
const HEAVY = 2;
/** With a disk that refuses, keep at most this many waiting samples, the newest; large ones count as several. */
const STRANDED_WEIGHT_MAX = 4 * WAITING_SAMPLES_MAX;
/** The shortest measurement there is on the wire; bounds the samples in a frame by its size. */
export const SAMPLE_BYTES_MIN = 45;

/** Samples as they go into one row. */
interface Segment {
  readonly samples: readonly WireSample[];
  readonly span: Span;
  readonly data: Uint8Array;
  /** Bytes as `segmentWeight` counts. */
  readonly weight: number;
}

export class SegmentWriter {
  readonly #now: () => number;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #scratch = new ByteWriter();
  readonly #host: BufferHost;
  /** Buffers with something waiting, in the order in which they began to wait. */
  #dirty: SeriesBuffer[] = [];
  #waitingBytes = 0;
  #flushed = 0;
  #lost = 0;
  #losses = 0;
  /** Goes up when known rows may be gone, so that buffers look theirs up again. */
  #epoch = 0;

  constructor(db: Database.Database, now: () => number) {
    this.#now = now;
    this.#sql = prepare(db);
    const losses = (): number => this.#losses;
    this.#host = {
      wake: (buffer) => void this.#dirty.push(buffer),
      heavy: (bytes) => void (this.#waitingBytes += HEAVY * bytes),
      seqs: (sensorId, attribute) => this.#seqsOf(sensorId, attribute),
      get losses() {
        return losses();
      },
    };
  }

  series(sensorId: string, attribute: string): Series {
    return new SeriesBuffer(sensorId, attribute, this.#host);
  }

  /** Notes a frame of `bytes`; true when so much waits that it should be written now. */
  taken(bytes: number): boolean {
    this.#waitingBytes += bytes;
    return this.#waitingBytes > WAITING_BYTES_MAX || this.#waitingBytes > WAITING_SAMPLES_MAX * SAMPLE_BYTES_MIN;
  }

  get idle(): boolean {
    return this.#dirty.length === 0;
  }

  /** Samples taken over, and of those the ones given up. */
  counts(): { readonly accepted: number; readonly lost: number } {
    return { accepted: this.#flushed + this.#waiting() + this.#lost, lost: this.#lost };
  }

  /** What waits for one series, oldest first. */
  waitingFor(sensorId: string, attribute: string): readonly WireSample[] {
    return this.#dirty
      .filter((buffer) => buffer.sensorId === sensorId && buffer.attribute === attribute)
      .flatMap((buffer) => buffer.waiting);
  }

  hasWaiting(sensorId: string): boolean {
    return this.#dirty.some((buffer) => buffer.sensorId === sensorId);
  }

  /** What waits for one sensor, by attribute. */
  waitingOf(sensorId: string): ReadonlyMap<string, readonly WireSample[]> {
    const attributes = this.#dirty.filter((buffer) => buffer.sensorId === sensorId).map(({ attribute }) => attribute);
    return new Map(attributes.map((attribute) => [attribute, this.waitingFor(sensorId, attribute)]));
  }

  /** Writes what waits. Call inside a transaction, then `settled` or `failed`. */
  write(): void {
    const at = this.#now();
    let written = 0;
    for (const buffer of this.#dirty) written += this.#writeBuffer(buffer, at);
    this.#sql.addTotal.run([written]);
  }

  /** The transaction is on disk. */
  settled(): void {
    for (const buffer of this.#dirty) {
      this.#flushed += buffer.waiting.length;
      buffer.clear();
    }
    this.#dirty = [];
    this.#waitingBytes = 0;
  }

  /** The transaction was rolled back: everything waits on, within bounds; the longest waiting series give up first. */
  failed(): void {
    this.#epoch += 1;
    this.#waitingBytes = 0;
    let excess = this.#dirty.reduce((sum, { weight }) => sum + weight, 0) - STRANDED_WEIGHT_MAX;
    while (excess > 0) {
      const oldest = this.#dirty.shift();
      if (!oldest) return;
      excess -= oldest.weight;
      this.#giveUp(oldest);
    }
  }

  /** Rows were removed: nobody may rely on a known one, nor on numbers that were stored in them. */
  rowsRemoved(): void {
    this.#epoch += 1;
    this.#losses += 1;
  }

  #writeBuffer(buffer: SeriesBuffer, at: number): number {
    const segments = this.#encodeAll(buffer.waiting);
    if (!segments) {
      this.#giveUp(buffer);
      return 0;
    }
    const known = this.#known(buffer);
    for (const segment of segments) this.#writeSegment(known, segment, at);
    const { lastAt } = spanOf(buffer.waiting);
    const count = buffer.waiting.length;
    this.#sql.updateSeries.run([count, lastAt, lastAt, this.#mergeSeqs(known.series, buffer.waiting), known.series]);
    return count;
  }

  #writeSegment(known: NonNullable<SeriesBuffer['known']>, segment: Segment, at: number): void {
    const grown = this.#grow(known.open, segment, at);
    const { samples, span, data, weight } = grown ?? segment;
    const wide = isNarrow(span) ? 0 : 1;
    let row = known.open?.row ?? 0;
    if (grown) {
      this.#sql.updateSegment.run([samples.length, data, span.firstAt, span.lastAt, wide, row]);
    } else {
      const values = [known.series, at, samples.length, data, span.firstAt, span.lastAt, wide];
      row = this.#sql.addSegment.run(values).lastInsertRowid;
    }
    const mayGrow = samples.length < OPEN_SAMPLES_MAX && weight < OPEN_BYTES_MAX;
    const open = mayGrow ? { row, since: grown ? (known.open?.since ?? at) : at, samples, span } : undefined;
    // A backlog beside live samples must not take the open segment from them.
    if (grown || !known.open || span.lastAt >= known.open.span.lastAt) known.open = open;
  }

  /** The open segment with this one's samples in it, or undefined when they do not belong there. */
  #grow(open: OpenSegment | undefined, { samples, span }: Segment, at: number): Segment | undefined {
    if (!open || at - open.since >= OPEN_AGE_MAX || open.samples.length + samples.length > OPEN_SAMPLES_MAX) return;
    const both = joined(open.span, span);
    if (!isNarrow(both)) return;
    const all = [...open.samples, ...samples];
    // Each was encoded before, so both can be.
    const data = encodeSegment(this.#scratch, all);
    return { samples: all, span: both, data, weight: segmentWeight(data) };
  }

  /** undefined for what JSON cannot carry (nested past the stack, BigInt): it must not stop everybody else's samples. */
  #encodeAll(samples: readonly WireSample[]): Segment[] | undefined {
    try {
      return partByTime(samples).flatMap((part) => this.#encode(part));
    } catch (error) {
      if (error instanceof RangeError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  #encode(samples: readonly WireSample[]): Segment[] {
    const segments: Segment[] = [];
    for (let from = 0; from < samples.length;) {
      const part = samples.slice(from, from + samplesMax(samples[from]));
      segments.push(...this.#encodePart(part));
      from += part.length;
    }
    return segments;
  }

  #encodePart(samples: readonly WireSample[]): Segment[] {
    const data = encodeSegment(this.#scratch, samples);
    const weight = segmentWeight(data);
    const { length } = samples;
    if (weight <= SEGMENT_BYTES_MAX || length === 1) return [{ samples, span: spanOf(samples), data, weight }];
    const half = Math.ceil(length / 2);
    return [...this.#encodePart(samples.slice(0, half)), ...this.#encodePart(samples.slice(half))];
  }

  /** The numbers on disk with those of `samples`; null (leave them as they are) when these have none. */
  #mergeSeqs(series: number, samples: readonly WireSample[]): Uint8Array | null {
    let ranges: SeqRanges | undefined;
    for (const sample of samples) {
      const seq = asSeq(sample['seq']);
      if (seq !== undefined) (ranges ??= rangesFrom(firstRow(this.#sql.findSeqs, [series]))).add(seq);
    }
    return ranges?.encode(this.#scratch) ?? null;
  }

  #seqsOf(sensorId: string, attribute: string): SeqRanges {
    const ranges = rangesFrom(firstRow(this.#sql.findSeries, [asText(sensorId), attribute]));
    for (const sample of this.waitingFor(sensorId, attribute)) {
      const seq = asSeq(sample['seq']);
      if (seq !== undefined) ranges.add(seq);
    }
    return ranges;
  }

  #known(buffer: SeriesBuffer): NonNullable<SeriesBuffer['known']> {
    if (buffer.known?.epoch === this.#epoch) return buffer.known;
    const key = [asText(buffer.sensorId), buffer.attribute];
    this.#sql.addSeries.run(key);
    const series = Number(firstRow(this.#sql.findSeries, key)?.['id']);
    buffer.known = { epoch: this.#epoch, series, open: undefined };
    return buffer.known;
  }

  #giveUp(buffer: SeriesBuffer): void {
    this.#lost += buffer.waiting.length;
    // What is lost must be taken when it is sent again.
    this.#losses += 1;
    buffer.clear();
  }

  #waiting(): number {
    return this.#dirty.reduce((sum, buffer) => sum + buffer.waiting.length, 0);
  }
}

/** Samples of a segment that begins with this one. Of skeletons all are about as large as the first. */
function samplesMax(first: WireSample | undefined): number {
  const bytes = skeletonJsonBytes(first?.payload);
  return bytes === 0 ? SEGMENT_SAMPLES_MAX : Math.max(1, Math.floor(SKELETONS_BYTES_MAX / bytes));
}

function prepare(db: Database.Database) {
  return {
    addSeries: db.prepare('INSERT OR IGNORE INTO series (sensor, attribute) VALUES (?, ?)'),
    findSeries: db.prepare('SELECT id, seqs FROM series WHERE sensor = ? AND attribute = ?'),
    findSeqs: db.prepare('SELECT seqs FROM series WHERE id = ?'),
    updateSeries: db.prepare(
      `UPDATE series SET samples = samples + ?, last_at = max(coalesce(last_at, ?), ?), seqs = coalesce(?, seqs)
       WHERE id = ?`,
    ),
    addSegment: db.prepare(
      'INSERT INTO segments (series, written_at, samples, data, first_at, last_at, wide) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    updateSegment: db.prepare(
      'UPDATE segments SET samples = ?, data = ?, first_at = ?, last_at = ?, wide = ? WHERE id = ?',
    ),
    addTotal: db.prepare('UPDATE totals SET samples = samples + ?'),
  };
}
