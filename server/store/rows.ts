/** What the driver hands back, made safe: it types rows as unknown and blobs come as Buffer or ArrayBuffer. */

/** A row as an object, or undefined when there was none. */
export function asRecord(row: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof row === 'object' && row !== null ? (row as Record<string, unknown>) : undefined;
}

/**
 * The first row of a query, or undefined. Reads to the end on purpose: the driver's `get` leaves the statement open, and
 * an open statement keeps the write-ahead log from being cleared.
 */
export function firstRow(
  statement: { all(params: unknown[]): unknown[] },
  params: unknown[],
): Readonly<Record<string, unknown>> | undefined {
  return asRecord(statement.all(params)[0]);
}

/** A blob, whichever of its two classes the driver chose. */
export function asBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

/**
 * A string as SQLite text that comes back the same: JSON escapes NUL and lone surrogates, which text columns would cut
 * or replace. Ordinary ids are unchanged.
 */
export function asText(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}
