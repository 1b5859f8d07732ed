/**
 * The eight bytes before every record: where it ends, checked on their own, so that a damaged record can be stepped over.
 * They stay as they are in all versions.
 */
import { crc32c } from './crc32c.ts';

export const ENVELOPE_BYTES = 8;
/** The CRC-32C at the end of a record. */
export const CHECK_BYTES = 4;
/** What 24 bits of length can say. */
export const MAX_BODY = 2 ** 24 - 1;

const VERSION = 1;
/** F9 never occurs in UTF-8, so no JSON inside a record looks like the start of another. */
const MARK = [0xf9, 0xb1] as const;
const CHECKED_BYTES = 6;

/** Where a record ends, and whether this version can read it. */
export interface Envelope {
  readonly end: number;
  readonly version: number;
  readonly known: boolean;
}

/** Envelope of a record whose body (checksum included) is `body` bytes long. */
export function writeEnvelope(body: number): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.of(...MARK, VERSION, body & 0xff, (body >> 8) & 0xff, body >> 16, 0, 0);
  new DataView(bytes.buffer).setUint16(CHECKED_BYTES, crc32c(bytes, 0, CHECKED_BYTES) & 0xffff, true);
  return bytes;
}

/** The envelope at `from`; undefined if none is there, or a damaged one. `end` may lie beyond the bytes. */
export function readEnvelope(bytes: Uint8Array, from: number): Envelope | undefined {
  if (bytes[from] !== MARK[0] || bytes[from + 1] !== MARK[1] || from + ENVELOPE_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, ENVELOPE_BYTES);
  const check = crc32c(bytes, from, from + CHECKED_BYTES) & 0xffff;
  if (view.getUint16(CHECKED_BYTES, true) !== check) return undefined;
  const body = view.getUint16(3, true) | (view.getUint8(5) << 16);
  if (body < CHECK_BYTES) return undefined;
  const version = view.getUint8(2);
  return { end: from + ENVELOPE_BYTES + body, version, known: version === VERSION };
}
