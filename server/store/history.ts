/**
 * Reads stored samples by the time of their measurement. Pages are read over a connection of their own, whose transaction
 * shows one state of the store while samples come in, and in slices, so that live data never waits for a reader.
 */
import type Database from 'libsql';
import type { WireSample } from '../../src/protocol/ingest.ts';
import type { HistoryPage, HistoryQuery, StoredMeasurement } from '../ports.ts';
import { ByteWriter } from './bytes.ts';
import { PageCollector, WAITING_ROW } from './page.ts';
import { asBytes, asRecord, asText, firstRow } from './rows.ts';
import { decodeSegment, encodeSegment } from './segment.ts';
import { NARROW_SPAN } from './times.ts';

/** Rows fetched at once: at most 1 MB each, mostly a few hundred bytes. */
const CHUNK = 16;
/** ms of work between two looks at the event loop. */
const SLICE = 8;

interface Row {
  readonly id: number;
  readonly firstAt: number;
  readonly data: Uint8Array;
}

export interface HistorySource {
  open(): Database.Database;
  /** Writes what waits, if the disk lets it; called right before the state of the store is pinned. */
  flush(): void;
  /** What waits all the same. */
  waitingFor(sensorId: string, attribute: string): readonly WireSample[];
}

export class HistoryReader {
  readonly #source: HistorySource;
  #db: Database.Database | undefined;
  #sql: ReturnType<typeof prepare> | undefined;
  /** One page after the other: a connection has one transaction. */
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(source: HistorySource) {
    this.#source = source;
  }

  /** Reads a page. Rejects with the signal's reason, or when the store is closed meanwhile. */
  page(query: HistoryQuery, signal?: AbortSignal): Promise<HistoryPage> {
    const page = this.#queue.then(() => this.#read(query, signal));
    const done = (): void => undefined;
    this.#queue = page.then(done, done);
    return page;
  }

  close(): void {
    this.#closed = true;
    this.#db?.close();
  }

  async #read(query: HistoryQuery, signal: AbortSignal | undefined): Promise<HistoryPage> {
    this.#check(signal);
    const { db, sql } = this.#connect();
    this.#source.flush();
    db.exec('BEGIN');
    try {
      const page = new PageCollector(query);
      const damaged = await this.#collect(page, sql, query, signal);
      return { ...page.finish(), damaged };
    } finally {
      if (!this.#closed) db.exec('COMMIT');
    }
  }

  /** Fills the page; returns the number of segments that could not be decoded. */
  async #collect(
    page: PageCollector,
    sql: ReturnType<typeof prepare>,
    query: HistoryQuery,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    const { sensorId, attribute } = query;
    // The first statement pins the state; what waits is taken in the same turn, so nothing is missed or met twice.
    const series = firstRow(sql.series, [asText(sensorId), attribute])?.['id'];
    const waiting = this.#source.waitingFor(sensorId, attribute);
    if (waiting.length > 0) {
      // Through the same codec, so that a caller never sees a difference between what waits and what is on disk.
      const data = encodeSegment(new ByteWriter(), waiting);
      page.add(decodeSegment(data, sensorId, attribute), WAITING_ROW, data.length);
    }
    if (series === undefined) return 0;
    let damaged = 0;
    let until = performance.now() + SLICE;
    for (const { id, firstAt, data } of rowsOf(sql, Number(series), query)) {
      if (firstAt > page.bound) break;
      const samples = decodeOrNone(data, sensorId, attribute);
      if (samples) page.add(samples, id, data.length);
      else damaged += 1;
      if (performance.now() < until) continue;
      await new Promise((resolve) => setImmediate(resolve));
      this.#check(signal);
      until = performance.now() + SLICE;
    }
    return damaged;
  }

  #check(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#closed) throw new Error('the store is closed');
  }

  #connect(): { db: Database.Database; sql: ReturnType<typeof prepare> } {
    this.#db ??= this.#source.open();
    this.#sql ??= prepare(this.#db);
    return { db: this.#db, sql: this.#sql };
  }
}

/** undefined for a damaged segment: it must not hide the rest. */
function decodeOrNone(data: Uint8Array, sensorId: string, attribute: string): StoredMeasurement[] | undefined {
  try {
    return decodeSegment(data, sensorId, attribute);
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The segments that may hold samples of the page, by their first time. */
function* rowsOf(sql: ReturnType<typeof prepare>, series: number, query: HistoryQuery): Generator<Row> {
  const start = Math.max(query.from, query.after?.time ?? -Infinity);
  // A narrow segment that reaches the start cannot begin long before it; a wide one can begin at any time.
  const narrow = walk(sql.rows, series, 0, start - NARROW_SPAN, start, query.to);
  const wide = walk(sql.rows, series, 1, -Infinity, start, query.to);
  let [left, right] = [narrow.next().value, wide.next().value];
  while (left || right) {
    if (left && (!right || left.firstAt <= right.firstAt)) {
      yield left;
      left = narrow.next().value;
    } else if (right) {
      yield right;
      right = wide.next().value;
    }
  }
}

function* walk(
  statement: Database.Statement,
  series: number,
  wide: 0 | 1,
  firstFrom: number,
  lastFrom: number,
  to: number,
): Generator<Row, undefined> {
  let at: readonly [firstAt: number, id: number] = [firstFrom, -1];
  for (;;) {
    const rows = statement.all([series, wide, ...at, to, lastFrom, CHUNK]).map(rowFrom);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < CHUNK) return undefined;
    at = [last.firstAt, last.id];
  }
}

function rowFrom(row: unknown): Row {
  const fields = asRecord(row);
  return {
    id: Number(fields?.['id']),
    firstAt: Number(fields?.['first_at']),
    data: asBytes(fields?.['data']) ?? new Uint8Array(),
  };
}

function prepare(db: Database.Database) {
  return {
    series: db.prepare('SELECT id FROM series WHERE sensor = ? AND attribute = ?'),
    rows: db.prepare(
      `SELECT id, first_at, data FROM segments
       WHERE series = ? AND wide = ? AND (first_at, id) > (?, ?) AND first_at < ? AND last_at >= ?
       ORDER BY first_at, id LIMIT ?`,
    ),
  };
}
