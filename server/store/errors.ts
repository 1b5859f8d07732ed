/** Why a store cannot be used, in words for the person who starts the gateway. Nothing is ever deleted on an error. */

export type StoreErrorCode =
  /** Another process has this data folder open. */
  | 'store-locked'
  /** The file is not a database, or a damaged one. */
  | 'store-corrupt'
  /** Written by a later version of this program. */
  | 'store-newer'
  /** The folder or file cannot be written. */
  | 'store-unwritable'
  | 'store-secret-damaged';

const ADVICE: Readonly<Record<StoreErrorCode, string>> = {
  'store-locked': 'another process is using it; stop that one or choose another DATA_DIR',
  'store-corrupt': 'the file is damaged or not a database; it was left as it is: move it away or restore a copy',
  'store-newer': 'it was written by a later version of this program; use that version or choose another DATA_DIR',
  'store-unwritable': 'it cannot be written; check that the folder exists, belongs to you and has room',
  'store-secret-damaged': 'the key file is damaged; restore it, or remove it to make a new one (viewers sign in again)',
};

export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, path: string, cause?: unknown) {
    super(`Cannot open ${path}: ${ADVICE[code]}.`, { cause });
    this.name = 'StoreError';
    this.code = code;
  }
}

/** The SQLite result code of anything thrown, or `''`. */
function sqliteCode(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return '';
  return typeof thrown.code === 'string' ? thrown.code : '';
}

/** Sorts what SQLite or the file system threw into one of our codes. */
export function storeErrorFrom(path: string, thrown: unknown): StoreError {
  if (thrown instanceof StoreError) return thrown;
  const code = sqliteCode(thrown);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new StoreError('store-locked', path, thrown);
  }
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_ERROR') {
    return new StoreError('store-corrupt', path, thrown);
  }
  return new StoreError('store-unwritable', path, thrown);
}
