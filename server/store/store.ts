/**
 * The embedded store: guests, rooms and every sample taken over. Samples reach the disk at least twice a second: a
 * killed process loses at most that half second, and never the store.
 */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'libsql';
import type {
  Archive,
  Guest,
  HistoryPage,
  HistoryPart,
  HistoryQuery,
  Holding,
  Store,
  StoredMeasurement,
} from '../ports.ts';
import { ByteWriter } from './bytes.ts';
import { StoreError, storeErrorFrom } from './errors.ts';
import { HistoryReader } from './history.ts';
import { HoldingsReader } from './holdings.ts';
import { asBytes, asRecord, asText, firstRow } from './rows.ts';
import { lockFolder, openDatabase, openReader } from './schema.ts';
import { loadSecret } from './secret.ts';
import { decodeSegment, encodeSegment } from './segment.ts';
import type { Series } from './series.ts';
import { SAMPLE_BYTES_MIN, SegmentWriter } from './writer.ts';

/** The part of the store that takes live samples; the ingest path needs nothing else. */
export interface SampleSink {
  series(sensorId: string, attribute: string): Series;
  /** Call once per frame with its size on the wire: writes early when too much waits in memory. */
  taken(bytes: number): void;
}

export interface Room {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly ownerId: string;
  readonly isPublic: boolean;
  readonly joinCode: string;
  /** Unix ms. */
  readonly createdAt: number;
}

export interface StoreCounts {
  /** Samples taken over since this process started. */
  readonly accepted: number;
  /** Samples on disk, of all times. */
  readonly written: number;
  /** Samples given up because the disk refused for too long or JSON could not carry them. */
  readonly lost: number;
}

export interface GatewayStore extends Store, SampleSink, Archive {
  counts(): StoreCounts;
  /** Why the last write failed; undefined while all is well. */
  problem(): StoreError | undefined;
  /** Throws when the id or join code is taken. */
  addRoom(room: Room): void;
  /** Oldest first. */
  listRooms(): Room[];
}

export interface StoreOptions {
  /** Measurements older than this are removed by `prune`. */
  readonly retentionDays: number;
  /** Unix ms. */
  readonly now?: () => number;
}

const WRITE_INTERVAL = 400;
const DAY = 86_400_000;
const GUEST_DAYS = 30;

/**
 * Opens the store in `dataDir` (made if absent, readable by its owner only).
 * Throws StoreError with a code and a sentence; never removes or replaces a file.
 */
export function openStore(dataDir: string, options: StoreOptions): GatewayStore {
  const path = join(dataDir, 'sensocto.db');
  let unlock: (() => void) | undefined;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    unlock = lockFolder(join(dataDir, 'lock.db'));
    // Health data: not for other accounts on this machine, whatever the umask is. SQLite gives its log the same mode.
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    const db = openDatabase(path);
    return new LibsqlStore({ db, path, secret: loadSecret(dataDir), unlock }, options);
  } catch (error) {
    unlock?.();
    throw storeErrorFrom(path, error);
  }
}

/** What `openStore` has taken hold of. */
interface Opened {
  readonly db: Database.Database;
  readonly path: string;
  readonly secret: Uint8Array;
  readonly unlock: () => void;
}

class LibsqlStore implements GatewayStore {
  readonly secret: Uint8Array;
  readonly #db: Database.Database;
  readonly #path: string;
  readonly #unlock: () => void;
  readonly #retention: number;
  readonly #timer: NodeJS.Timeout;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #writer: SegmentWriter;
  readonly #history: HistoryReader;
  readonly #holdings: HoldingsReader;
  #problem: StoreError | undefined;

  constructor({ db, path, secret, unlock }: Opened, options: StoreOptions) {
    this.#db = db;
    this.#path = path;
    this.#unlock = unlock;
    this.secret = secret;
    this.#retention = options.retentionDays * DAY;
    this.#sql = prepare(db);
    this.#writer = new SegmentWriter(db, options.now ?? Date.now);
    this.#holdings = new HoldingsReader(db, this.#writer);
    this.#history = new HistoryReader({
      open: () => openReader(path),
      flush: () => this.flush(),
      waitingFor: (sensorId, attribute) => this.#writer.waitingFor(sensorId, attribute),
    });
    this.#timer = setInterval(() => this.flush(), WRITE_INTERVAL);
    this.#timer.unref();
  }

  series(sensorId: string, attribute: string): Series {
    return this.#writer.series(sensorId, attribute);
  }

  taken(bytes: number): void {
    if (this.#writer.taken(bytes)) this.flush();
  }

  append(measurements: readonly StoredMeasurement[]): void {
    const buffers = new Map<string, Series>();
    for (const { sensorId, attribute, payload, timestamp, extra } of measurements) {
      const key = `${attribute} ${sensorId}`;
      const buffer = buffers.get(key) ?? this.series(sensorId, attribute);
      buffers.set(key, buffer);
      buffer.push({ ...extra, attribute_id: attribute, payload, timestamp });
    }
    this.taken(measurements.length * SAMPLE_BYTES_MIN);
  }

  /** Throws StoreError `store-corrupt` for a damaged segment. */
  read(sensorId: string, attribute: string): StoredMeasurement[] {
    const segments = this.#sql.readSegments.all([asText(sensorId), attribute]);
    const out = segments.flatMap((row) => this.#decode(asBytes(asRecord(row)?.['data']), sensorId, attribute));
    const waiting = this.#writer.waitingFor(sensorId, attribute);
    // Through the same codec, so that a caller never sees a difference between what waits and what is on disk.
    return waiting.length === 0
      ? out
      : out.concat(this.#decode(encodeSegment(new ByteWriter(), waiting), sensorId, attribute));
  }

  history(query: HistoryQuery, signal?: AbortSignal): Promise<HistoryPage> {
    return this.#history.page(query, signal);
  }

  historyParts(query: HistoryQuery, signal?: AbortSignal): AsyncIterable<HistoryPart> {
    return this.#history.parts(query, signal);
  }

  holdings(sensorId: string): ReadonlyMap<string, Holding> {
    return this.#holdings.of(sensorId);
  }

  settle(sensorId: string): boolean {
    if (this.#writer.hasWaiting(sensorId)) this.flush();
    return !this.#writer.hasWaiting(sensorId);
  }

  counts(): StoreCounts {
    return { ...this.#writer.counts(), written: Number(firstRow(this.#sql.total, [])?.['samples'] ?? 0) };
  }

  problem(): StoreError | undefined {
    return this.#problem;
  }

  flush(): void {
    if (this.#writer.idle) return;
    try {
      this.#transaction(() => this.#writer.write());
      this.#writer.settled();
      this.#problem = undefined;
    } catch (error) {
      this.#writer.failed();
      this.#problem = storeErrorFrom(this.#path, error);
    }
  }

  prune(now: number): void {
    const oldest = now - this.#retention;
    let removed = 0;
    this.#transaction(() => {
      for (const row of this.#sql.countExpired.all([oldest]).map(asRecord)) {
        const samples = Number(row?.['samples']);
        this.#sql.subtractSeries.run([samples, row?.['series']]);
        removed += samples;
      }
      this.#sql.subtractTotal.run([removed]);
      this.#sql.pruneSegments.run([oldest]);
      this.#sql.pruneSeries.run([]);
      this.#sql.pruneGuests.run([now - GUEST_DAYS * DAY]);
    });
    if (removed > 0) this.#writer.rowsRemoved();
  }

  addGuest(guest: Guest): void {
    this.#sql.addGuest.run([guest.guestId, guest.displayName, guest.tokenHash, guest.createdAt]);
  }

  findGuest(guestId: string): Guest | undefined {
    const row = firstRow(this.#sql.findGuest, [guestId]);
    if (!row) return undefined;
    return {
      guestId,
      displayName: String(row['display_name']),
      tokenHash: String(row['token_hash']),
      createdAt: Number(row['created_at']),
    };
  }

  addRoom(room: Room): void {
    const { id, name, description, ownerId, isPublic, joinCode, createdAt } = room;
    this.#sql.addRoom.run([id, name, description, ownerId, isPublic ? 1 : 0, joinCode, createdAt]);
  }

  listRooms(): Room[] {
    return this.#sql.listRooms.all([]).flatMap((row) => roomFrom(asRecord(row)));
  }

  close(): void {
    clearInterval(this.#timer);
    this.flush();
    this.#history.close();
    this.#db.close();
    this.#unlock();
  }

  #decode(data: Uint8Array | undefined, sensorId: string, attribute: string): StoredMeasurement[] {
    try {
      return data ? decodeSegment(data, sensorId, attribute) : [];
    } catch (error) {
      throw new StoreError('store-corrupt', this.#path, error);
    }
  }

  #transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      // SQLite may have rolled back by itself (disk full); a second ROLLBACK would hide the real error.
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}

function prepare(db: Database.Database) {
  return {
    readSegments: db.prepare(
      `SELECT data FROM segments JOIN series ON series.id = segments.series
       WHERE series.sensor = ? AND series.attribute = ? ORDER BY segments.id`,
    ),
    total: db.prepare('SELECT samples FROM totals'),
    subtractTotal: db.prepare('UPDATE totals SET samples = samples - ?'),
    subtractSeries: db.prepare('UPDATE series SET samples = samples - ? WHERE id = ?'),
    countExpired: db.prepare(
      'SELECT series, sum(samples) AS samples FROM segments WHERE written_at < ? GROUP BY series',
    ),
    pruneSegments: db.prepare('DELETE FROM segments WHERE written_at < ?'),
    pruneSeries: db.prepare(
      'DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM segments WHERE segments.series = series.id)',
    ),
    pruneGuests: db.prepare('DELETE FROM guests WHERE created_at < ?'),
    addGuest: db.prepare(
      'INSERT OR REPLACE INTO guests (guest_id, display_name, token_hash, created_at) VALUES (?, ?, ?, ?)',
    ),
    findGuest: db.prepare('SELECT display_name, token_hash, created_at FROM guests WHERE guest_id = ?'),
    addRoom: db.prepare(
      `INSERT INTO rooms (id, name, description, owner_id, is_public, join_code, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    listRooms: db.prepare('SELECT * FROM rooms ORDER BY created_at, id'),
  };
}

function roomFrom(row: Readonly<Record<string, unknown>> | undefined): Room[] {
  if (!row) return [];
  return [
    {
      id: String(row['id']),
      name: String(row['name']),
      description: String(row['description']),
      ownerId: String(row['owner_id']),
      isPublic: row['is_public'] === 1,
      joinCode: String(row['join_code']),
      createdAt: Number(row['created_at']),
    },
  ];
}
