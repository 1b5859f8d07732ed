/** Opens the database file and brings its schema up to date. The only file that knows the driver's way of opening. */
import Database from 'libsql';
import { StoreError, storeErrorFrom } from './errors.ts';
import { firstRow } from './rows.ts';

/** How long to wait for another process to let go of the file, ms. */
const BUSY_TIMEOUT = 1500;

/**
 * One entry per schema version, applied in order. Never change an entry that was released: add one.
 * `series.sensor` holds the id as JSON text without its quotes, since ids may contain what SQLite text cannot (NUL).
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE guests (
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
   INSERT INTO totals VALUES (0);`,
];

/**
 * Opens (or makes) the database. WAL with synchronous NORMAL: a killed process loses nothing that was committed, a power
 * cut at most the last commits, and neither damages the file. Throws StoreError; the file is left as it is.
 */
export function openDatabase(path: string): Database.Database {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { timeout: BUSY_TIMEOUT });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    migrate(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw storeErrorFrom(path, error);
  }
}

/**
 * Takes the data folder for this process alone, until the returned function is called or the process ends, however it
 * ends: two gateways on one folder would each know only half of the sensors. A transaction held open on a file of its
 * own is the lock, since the driver's `close` leaves locks on the data behind as long as statements live.
 */
export function lockFolder(path: string): () => void {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { timeout: BUSY_TIMEOUT });
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    throw storeErrorFrom(path, error);
  }
  const held = db;
  return () => {
    held.exec('ROLLBACK');
    held.close();
  };
}

function migrate(db: Database.Database, path: string): void {
  const version = Number(firstRow(db.prepare('PRAGMA user_version'), [])?.['user_version'] ?? 0);
  if (version > MIGRATIONS.length) throw new StoreError('store-newer', path);
  MIGRATIONS.slice(version).forEach((sql, i) => {
    db.exec(`BEGIN IMMEDIATE; ${sql} PRAGMA user_version = ${version + i + 1}; COMMIT;`);
  });
  // Touches every table, so that a damaged file is found now and not in the middle of a stream.
  db.prepare('SELECT samples, (SELECT count(*) FROM guests), (SELECT max(id) FROM segments) FROM totals').all();
  db.exec('BEGIN IMMEDIATE; COMMIT;');
}
