/**
 * Reads stored samples by the time of their measurement. Pages are read over a connection of their own, whose transaction
 * shows one state of the store while samples come in. A page comes in parts of bounded size, each of them read in turns, so
 * that live data never waits for a reader: neither for its work nor for the collection of what it held.
 */
import type Database from 'libsql';
import type { WireSample } from '../../src/protocol/ingest.ts';
import type { HistoryPage, HistoryPart, HistoryPosition, HistoryQuery, StoredMeasurement } from '../ports.ts';
import { ByteWriter } from './bytes.ts';
import { asText, firstRow } from './rows.ts';
import { decodeSegment, encodeSegment, segmentWeight } from './segment.ts';
import { nextTurn, Turns, type Turn } from './turns.ts';
import { prepareHistory, SegmentWalk, type HistorySql } from './walk.ts';

/** Samples of a part. */
export const PART_SAMPLES = 1024;
/** Bytes of a page as stored, skeletons as JSON; payloads may be large. */
const PAGE_BYTES_MAX = 8 * 2 ** 20;

export interface HistorySource {
  open(): Database.Database;
  /** Writes what waits, if the disk lets it; called right before the state of the store is pinned. */
  flush(): void;
  /** What waits all the same. */
  waitingFor(sensorId: string, attribute: string): readonly WireSample[];
}

export class HistoryReader {
  readonly #source: HistorySource;
  readonly #pause: (turn: Turn) => Promise<void>;
  #db: Database.Database | undefined;
  #sql: HistorySql | undefined;
  /** One page after the other: a connection has one transaction. */
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @param pause see Turns */
  constructor(source: HistorySource, pause: (turn: Turn) => Promise<void> = nextTurn) {
    this.#source = source;
    this.#pause = pause;
  }

  /** Reads a page. Rejects with the signal's reason, or when the store is closed meanwhile. */
  async page(query: HistoryQuery, signal?: AbortSignal): Promise<HistoryPage> {
    const samples: StoredMeasurement[] = [];
    let last: Omit<HistoryPart, 'samples'> = { next: undefined, damaged: 0 };
    for await (const part of this.parts(query, signal)) {
      for (const sample of part.samples) samples.push(sample);
      last = part;
    }
    return { samples, next: last.next, damaged: last.damaged };
  }

  /** The same page in parts; at least one. Whoever begins has to come to an end: others wait. */
  async *parts(query: HistoryQuery, signal?: AbortSignal): AsyncGenerator<HistoryPart, void> {
    const before = this.#queue;
    let release: () => void = () => undefined;
    this.#queue = new Promise<void>((resolve) => (release = resolve));
    try {
      await before;
      this.#check(signal);
      const { db, sql } = this.#connect();
      this.#source.flush();
      db.exec('BEGIN');
      try {
        yield* this.#read(sql, query, signal);
      } finally {
        if (!this.#closed) db.exec('COMMIT');
      }
    } finally {
      release();
    }
  }

  close(): void {
    this.#closed = true;
    this.#db?.close();
  }

  async *#read(
    sql: HistorySql,
    query: HistoryQuery,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<HistoryPart, void> {
    const turns = new Turns(async (turn) => {
      await this.#pause(turn);
      // Whoever asked may have gone meanwhile, and the store with it.
      this.#check(signal);
    });
    const walk = this.#begin(sql, query, turns);
    let after: HistoryPosition | undefined = query.after;
    let left = query.limit;
    let bytes = 0;
    do {
      const part = await walk.part(Math.min(left, PART_SAMPLES), after);
      after = part.next;
      left -= part.samples.length;
      bytes += part.bytes;
      // Whoever gets the part has work to do with it: that is a turn of its own.
      await turns.end();
      yield { samples: part.samples, next: after, damaged: walk.damaged };
      await turns.end();
    } while (after && left > 0 && bytes < PAGE_BYTES_MAX);
  }

  #begin(sql: HistorySql, query: HistoryQuery, turns: Turns): SegmentWalk {
    const { sensorId, attribute } = query;
    // The first statement pins the state; what waits is taken in the same turn, so nothing is missed or met twice.
    const series = firstRow(sql.series, [asText(sensorId), attribute])?.['id'];
    const waiting = this.#source.waitingFor(sensorId, attribute);
    const walk = new SegmentWalk(sql, series === undefined ? undefined : Number(series), query, turns);
    if (waiting.length > 0) {
      // Through the same codec, so that a caller never sees a difference between what waits and what is on disk.
      const data = encodeSegment(new ByteWriter(), waiting);
      walk.addWaiting(decodeSegment(data, sensorId, attribute), segmentWeight(data));
    }
    return walk;
  }

  #check(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#closed) throw new Error('the store is closed');
  }

  #connect(): { db: Database.Database; sql: HistorySql } {
    this.#db ??= this.#source.open();
    this.#sql ??= prepareHistory(this.#db);
    return { db: this.#db, sql: this.#sql };
  }
}
