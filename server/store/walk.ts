/**
 * The segments of a stretch of time in the order of their first sample, each fetched and decoded once if it does not overlap
 * many others. What is behind the last part of a page goes on with the next part; nothing is looked for twice.
 */
import type Database from 'libsql';
import type { HistoryPosition, HistoryQuery, StoredMeasurement } from '../ports.ts';
import { PageCollector, WAITING_ROW } from './page.ts';
import { asBytes, asRecord } from './rows.ts';
import { decodeSegment, segmentWeight } from './segment.ts';
import { NARROW_SPAN } from './times.ts';
import type { Turns } from './turns.ts';

/** Rows fetched at once, if they are small; large ones (up to 1 MB) come one by one. */
const CHUNK = 16;
const FIRST_CHUNK = 4;
const LARGE = 2 ** 16;
/** Decoded segments that are kept between two parts. */
const KEPT = 4;

interface Row {
  readonly id: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly data: Uint8Array;
}

/** A segment that may hold samples behind the last part. */
interface OpenRow {
  readonly id: number;
  readonly lastAt: number;
  /** As `segmentWeight` counts. */
  readonly bytes: number;
  /** undefined: to be fetched again. */
  samples: readonly StoredMeasurement[] | undefined;
}

export type HistorySql = ReturnType<typeof prepareHistory>;

export class SegmentWalk {
  readonly #sql: HistorySql;
  readonly #query: HistoryQuery;
  readonly #turns: Turns;
  readonly #rows: Iterator<Row, undefined>;
  #next: Row | undefined;
  #open: OpenRow[] = [];
  readonly #damaged = new Set<number>();

  /** @param series row of the series; undefined: nothing is on disk */
  constructor(sql: HistorySql, series: number | undefined, query: HistoryQuery, turns: Turns) {
    this.#sql = sql;
    this.#query = query;
    this.#turns = turns;
    this.#rows = series === undefined ? [][Symbol.iterator]() : rowsOf(sql, series, query);
    this.#next = this.#rows.next().value;
  }

  /** Segments met that could not be decoded. */
  get damaged(): number {
    return this.#damaged.size;
  }

  /** Samples that are not on disk yet; `bytes` as `segmentWeight` counts. */
  addWaiting(samples: readonly StoredMeasurement[], bytes: number): void {
    this.#open.push({ id: WAITING_ROW, lastAt: Infinity, bytes, samples });
  }

  /** The next samples: at most `limit`, behind `after`. */
  async part(limit: number, after: HistoryPosition | undefined): Promise<ReturnType<PageCollector['finish']>> {
    const page = new PageCollector({ ...this.#query, limit, ...(after && { after }) });
    for (const row of this.#open) {
      const samples = row.samples ?? this.#fetch(row.id);
      page.add(samples, row.id, row.bytes);
      await this.#did(samples.length, row.bytes);
    }
    for (let row = this.#next; row && row.firstAt <= page.bound; row = this.#next) {
      const samples = this.#decode(row.id, row.data);
      const bytes = segmentWeight(row.data);
      page.add(samples, row.id, bytes);
      this.#open.push({ id: row.id, lastAt: row.lastAt, bytes, samples });
      await this.#did(samples.length, bytes);
      this.#next = this.#rows.next().value;
    }
    const part = page.finish();
    this.#close(part.next);
    return part;
  }

  /** Lets go of the segments that have nothing behind this place, and of most of what was decoded. */
  #close(at: HistoryPosition | undefined): void {
    this.#open = this.#open.filter((row) => at !== undefined && row.lastAt >= at.time);
    for (const row of this.#open.slice(0, -KEPT)) if (row.id !== WAITING_ROW) row.samples = undefined;
  }

  #fetch(id: number): readonly StoredMeasurement[] {
    const [row] = this.#sql.row.all([id]).map(asRecord);
    return this.#decode(id, asBytes(row?.['data']) ?? new Uint8Array());
  }

  /** Nothing for a damaged segment: it must not hide the rest. */
  #decode(id: number, data: Uint8Array): readonly StoredMeasurement[] {
    const { sensorId, attribute } = this.#query;
    try {
      return decodeSegment(data, sensorId, attribute);
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
      this.#damaged.add(id);
      return [];
    }
  }

  async #did(samples: number, bytes: number): Promise<void> {
    if (this.#turns.did(samples, bytes)) await this.#turns.end();
  }
}

/** The segments that may hold samples of the page, by their first time. */
function* rowsOf(sql: HistorySql, series: number, query: HistoryQuery): Generator<Row, undefined> {
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
  return undefined;
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
  let count = FIRST_CHUNK;
  for (;;) {
    const rows = statement.all([series, wide, ...at, to, lastFrom, count]).map(rowFrom);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < count) return undefined;
    at = [last.firstAt, last.id];
    const bytes = rows.reduce((sum, { data }) => sum + data.length, 0);
    count = bytes / rows.length > LARGE ? 1 : CHUNK;
  }
}

function rowFrom(row: unknown): Row {
  const fields = asRecord(row);
  return {
    id: Number(fields?.['id']),
    firstAt: Number(fields?.['first_at']),
    lastAt: Number(fields?.['last_at']),
    data: asBytes(fields?.['data']) ?? new Uint8Array(),
  };
}

export function prepareHistory(db: Database.Database) {
  return {
    series: db.prepare('SELECT id FROM series WHERE sensor = ? AND attribute = ?'),
    row: db.prepare('SELECT data FROM segments WHERE id = ?'),
    rows: db.prepare(
      `SELECT id, first_at, last_at, data FROM segments
       WHERE series = ? AND wide = ? AND (first_at, id) > (?, ?) AND first_at < ? AND last_at >= ?
       ORDER BY first_at, id LIMIT ?`,
    ),
  };
}
