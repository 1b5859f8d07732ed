/**
 * Samples on their way to disk: they wait in memory per series and are written as segments, all series in one
 * transaction. A slow series keeps its last segment open and has it rewritten, so that one sample a second does not
 * become one row a second.
 */
import type Database from 'libsql';
import type { WireSample } from '../../src/protocol/ingest.ts';
import { ByteWriter } from './bytes.ts';
import { asText, firstRow } from './rows.ts';
import { encodeSegment } from './segment.ts';

/** Where the samples of one sensor and attribute go. */
export interface Series {
  /** Takes one sample over by reference: it must not be changed afterwards. */
  push(sample: WireSample): void;
}

/** An open segment is rewritten until it reaches one of these. */
const OPEN_SAMPLES_MAX = 128;
const OPEN_BYTES_MAX = 8192;
const OPEN_AGE_MAX = 60_000;

/** Write early beyond these, so that a flood costs memory for a fraction of the interval only. */
const WAITING_SAMPLES_MAX = 150_000;
const WAITING_BYTES_MAX = 16 * 2 ** 20;
/** With a disk that refuses, keep at most this many waiting samples, the newest. */
const STRANDED_SAMPLES_MAX = 4 * WAITING_SAMPLES_MAX;
/** The shortest measurement there is on the wire; bounds the samples in a frame by its size. */
export const SAMPLE_BYTES_MIN = 45;

interface OpenSegment {
  readonly row: number | bigint;
  readonly since: number;
  readonly samples: readonly WireSample[];
}

class SeriesBuffer implements Series {
  readonly sensorId: string;
  readonly attribute: string;
  readonly #wake: (buffer: SeriesBuffer) => void;
  waiting: WireSample[] = [];
  /** Rows of the database this buffer knows, valid for one epoch of the writer. */
  known: { readonly epoch: number; readonly series: number; open: OpenSegment | undefined } | undefined;

  constructor(sensorId: string, attribute: string, wake: (buffer: SeriesBuffer) => void) {
    this.sensorId = sensorId;
    this.attribute = attribute;
    this.#wake = wake;
  }

  push(sample: WireSample): void {
    if (this.waiting.length === 0) this.#wake(this);
    this.waiting.push(sample);
  }
}

export class SegmentWriter {
  readonly #now: () => number;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #scratch = new ByteWriter();
  /** Buffers with something waiting, in the order in which they began to wait. */
  #dirty: SeriesBuffer[] = [];
  #waitingBytes = 0;
  #flushed = 0;
  #lost = 0;
  /** Goes up when known rows may be gone, so that buffers look theirs up again. */
  #epoch = 0;

  constructor(db: Database.Database, now: () => number) {
    this.#now = now;
    this.#sql = prepare(db);
  }

  series(sensorId: string, attribute: string): Series {
    return new SeriesBuffer(sensorId, attribute, (buffer) => this.#dirty.push(buffer));
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
      buffer.waiting = [];
    }
    this.#dirty = [];
    this.#waitingBytes = 0;
  }

  /** The transaction was rolled back: everything waits on, within bounds; the longest waiting series give up first. */
  failed(): void {
    this.forgetRows();
    this.#waitingBytes = 0;
    let excess = this.#waiting() - STRANDED_SAMPLES_MAX;
    while (excess > 0) {
      const oldest = this.#dirty.shift();
      if (!oldest) return;
      excess -= oldest.waiting.length;
      this.#giveUp(oldest);
    }
  }

  /** Rows were removed: nobody may rely on a known one. */
  forgetRows(): void {
    this.#epoch += 1;
  }

  #writeBuffer(buffer: SeriesBuffer, at: number): number {
    const known = this.#known(buffer);
    const { open } = known;
    const count = buffer.waiting.length;
    const extend = open && at - open.since < OPEN_AGE_MAX && open.samples.length + count <= OPEN_SAMPLES_MAX;
    const samples = extend ? [...open.samples, ...buffer.waiting] : buffer.waiting;
    const data = this.#encode(samples);
    if (!data) {
      this.#giveUp(buffer);
      return 0;
    }
    let row = open?.row ?? 0;
    if (extend) this.#sql.updateSegment.run([samples.length, data, row]);
    else row = this.#sql.addSegment.run([known.series, at, count, data]).lastInsertRowid;
    const mayGrow = samples.length < OPEN_SAMPLES_MAX && data.length < OPEN_BYTES_MAX;
    known.open = mayGrow ? { row, since: extend ? open.since : at, samples } : undefined;
    return count;
  }

  /** undefined for what JSON cannot carry (nested past the stack, BigInt): it must not stop everybody else's samples. */
  #encode(samples: readonly WireSample[]): Uint8Array | undefined {
    try {
      return encodeSegment(this.#scratch, samples);
    } catch (error) {
      if (error instanceof RangeError || error instanceof TypeError) return undefined;
      throw error;
    }
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
    buffer.waiting = [];
  }

  #waiting(): number {
    return this.#dirty.reduce((sum, buffer) => sum + buffer.waiting.length, 0);
  }
}

function prepare(db: Database.Database) {
  return {
    addSeries: db.prepare('INSERT OR IGNORE INTO series (sensor, attribute) VALUES (?, ?)'),
    findSeries: db.prepare('SELECT id FROM series WHERE sensor = ? AND attribute = ?'),
    addSegment: db.prepare('INSERT INTO segments (series, written_at, samples, data) VALUES (?, ?, ?, ?)'),
    updateSegment: db.prepare('UPDATE segments SET samples = ?, data = ? WHERE id = ?'),
    addTotal: db.prepare('UPDATE totals SET samples = samples + ?'),
  };
}
