/** Opens the database file and brings its schema up to date. The only file that knows the driver's way of opening. */
import Database from 'libsql';
import { StoreError, storeErrorFrom } from './errors.ts';
import { type Migration, MIGRATIONS } from './migrations.ts';
import { firstRow } from './rows.ts';

/** How long to wait for another process to let go of the file, ms. */
const BUSY_TIMEOUT = 1500;

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
  MIGRATIONS.slice(version).forEach((migration, i) => apply(db, migration, version + i + 1));
  // Touches every table, so that a damaged file is found now and not in the middle of a stream.
  db.prepare('SELECT samples, (SELECT count(*) FROM guests), (SELECT max(id) FROM segments) FROM totals').all();
  db.exec('BEGIN IMMEDIATE; COMMIT;');
}

/** All of one version or nothing: a process killed in the middle starts again from the version before. */
function apply(db: Database.Database, { sql, run }: Migration, version: number): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec(sql);
    run?.(db);
    db.exec(`PRAGMA user_version = ${version}; COMMIT;`);
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** A second connection that only reads: it may hold on to one state of the data while the first one writes on. */
export function openReader(path: string): Database.Database {
  const db = new Database(path, { timeout: BUSY_TIMEOUT });
  db.pragma('query_only = ON');
  return db;
}
