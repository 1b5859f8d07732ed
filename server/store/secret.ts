/** The key of every token this gateway signs: 32 random bytes in a file only its owner can read. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from './errors.ts';

const SIZE = 32;

/**
 * Reads `DATA_DIR/secret`, or makes it. Written beside and renamed, so that a crash leaves either none or a whole one.
 * Throws StoreError `store-secret-damaged` rather than replacing a file that has another size.
 */
export function loadSecret(dataDir: string): Uint8Array {
  const path = join(dataDir, 'secret');
  const present = readIfPresent(path);
  if (present) {
    if (present.length !== SIZE) throw new StoreError('store-secret-damaged', path);
    return new Uint8Array(present);
  }
  const secret = randomBytes(SIZE);
  const fresh = `${path}.new`;
  const file = openSync(fresh, 'w', 0o600);
  try {
    writeSync(file, secret);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
  return new Uint8Array(secret);
}

function readIfPresent(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
