/** How the tables came to be: one entry per schema version, applied in order. Never change one that was released. */
import type Database from 'libsql';
import { asSeq } from '../../src/protocol/ingest.ts';
import { ByteWriter } from './bytes.ts';
import { asBytes, asRecord } from './rows.ts';
import { decodeSegment } from './segment.ts';
import { SeqRanges } from './seq-ranges.ts';
import { isNarrow, spanOf } from './times.ts';

export interface Migration {
  readonly sql: string;
  /** What SQL cannot say; runs after it in the same transaction. */
  readonly run?: (db: Database.Database) => void;
}

/** `series.sensor` holds the id as JSON text without its quotes, since ids may contain what SQLite text cannot (NUL). */
const TABLES = `
  CREATE TABLE guests (
    guest_id TEXT PRIMARY KEY, display_name TEXT NOT NULL, token_hash TEXT NOT NULL, created_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE rooms (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, owner_id TEXT NOT NULL,
    is_public INTEGER NOT NULL, join_code TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE series (id INTEGER PRIMARY KEY, sensor TEXT NOT NULL, attribute TEXT NOT NULL, UNIQUE (sensor, attribute));
  CREATE TABLE segments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, series INTEGER NOT NULL, written_at INTEGER NOT NULL,
    samples INTEGER NOT NULL, data BLOB NOT NULL
  );
  CREATE INDEX segments_by_series ON segments (series);
  CREATE INDEX segments_by_age ON segments (written_at, samples);
  CREATE TABLE totals (samples INTEGER NOT NULL);
  INSERT INTO totals VALUES (0);`;

/**
 * Measurement times (Unix ms, −Infinity for samples without one) and sequence numbers, so that neither asks for decoding:
 * a segment's first and last time, `wide` when they are far apart; a series' samples, newest time and `seqs`, the ranges of
 * all sequence numbers it ever stored.
 */
const TIMES = `
  ALTER TABLE series ADD COLUMN samples INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE series ADD COLUMN last_at REAL;
  ALTER TABLE series ADD COLUMN seqs BLOB;
  ALTER TABLE segments ADD COLUMN first_at REAL;
  ALTER TABLE segments ADD COLUMN last_at REAL;
  ALTER TABLE segments ADD COLUMN wide INTEGER NOT NULL DEFAULT 0;
  DROP INDEX segments_by_series;
  DROP INDEX segments_by_age;
  CREATE INDEX segments_by_time ON segments (series, wide, first_at);
  CREATE INDEX segments_by_age ON segments (written_at, series, samples);`;

/** Segments may hold skeletons in bits, which an earlier gateway would take for damage: it refuses the file instead. */
const SKELETONS = '';

export const MIGRATIONS: readonly Migration[] = [{ sql: TABLES }, { sql: TIMES, run: fillTimes }, { sql: SKELETONS }];

/** Segments read at once. */
const CHUNK = 500;

interface SeriesFacts {
  samples: number;
  lastAt: number;
  readonly seqs: SeqRanges;
}

/** Decodes every segment of the first schema once. A damaged one keeps its place: it may hold any time. */
function fillTimes(db: Database.Database): void {
  const read = db.prepare('SELECT id, series, samples, data FROM segments WHERE id > ? ORDER BY id LIMIT ?');
  const write = db.prepare('UPDATE segments SET first_at = ?, last_at = ?, wide = ? WHERE id = ?');
  const facts = new Map<number, SeriesFacts>();
  for (let after = -1, rows = read.all([after, CHUNK]); rows.length > 0; rows = read.all([after, CHUNK])) {
    for (const row of rows.map(asRecord)) {
      const [id, series] = [Number(row?.['id']), Number(row?.['series'])];
      const known = facts.get(series) ?? { samples: 0, lastAt: -Infinity, seqs: new SeqRanges() };
      facts.set(series, known);
      const span = describeOld(asBytes(row?.['data']), known);
      known.samples += Number(row?.['samples']);
      write.run([span.firstAt, span.lastAt, isNarrow(span) ? 0 : 1, id]);
      after = id;
    }
  }
  const update = db.prepare('UPDATE series SET samples = ?, last_at = ?, seqs = ? WHERE id = ?');
  const scratch = new ByteWriter();
  for (const [series, { samples, lastAt, seqs }] of facts) {
    update.run([samples, lastAt, seqs.size > 0 ? seqs.encode(scratch) : null, series]);
  }
}

function describeOld(data: Uint8Array | undefined, facts: SeriesFacts): { firstAt: number; lastAt: number } {
  try {
    const samples = decodeSegment(data ?? new Uint8Array(), '', '');
    for (const { extra } of samples) {
      const seq = asSeq(extra?.['seq']);
      if (seq !== undefined) facts.seqs.add(seq);
    }
    const span = spanOf(samples);
    facts.lastAt = Math.max(facts.lastAt, span.lastAt);
    return span;
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return { firstAt: -Infinity, lastAt: Infinity };
    throw error;
  }
}
