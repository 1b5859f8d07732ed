/**
 * The few DER types a certificate needs (ITU-T X.690), as byte strings put together from the inside out. Reading is left
 * to `node:crypto` and OpenSSL, which also check in the tests what is written here.
 */

type Bytes = Uint8Array;

/** One element: tag, length, content. */
function der(tag: number, ...content: readonly Bytes[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

export const sequence = (...items: readonly Bytes[]): Buffer => der(0x30, ...items);
export const set = (...items: readonly Bytes[]): Buffer => der(0x31, ...items);
export const octets = (...content: readonly Bytes[]): Buffer => der(0x04, ...content);
export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
export const boolean = (value: boolean): Buffer => der(0x01, Buffer.from([value ? 0xff : 0]));

/** `[n]` around complete elements. */
export const explicit = (n: number, ...content: readonly Bytes[]): Buffer => der(0xa0 + n, ...content);

/** `[n]` in place of the tag of a simple type. */
export const implicit = (n: number, content: Bytes): Buffer => der(0x80 + n, content);

/** A non-negative integer from its big-endian bytes, without surplus zeros. */
export function integer(bytes: Bytes): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const significant = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  // A set top bit would read as a minus sign.
  return (significant[0] ?? 0) & 0x80 ? der(0x02, Uint8Array.of(0), significant) : der(0x02, significant);
}

/** @param unused bits not used at the end of the last byte */
export function bits(content: Bytes, unused = 0): Buffer {
  return der(0x03, Uint8Array.of(unused), content);
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** A date as RFC 5280 §4.1.2.5 wants it: two-digit years before 2050, four digits from then on. Seconds, no fractions. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

function base128(value: number): number[] {
  const groups = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) groups.unshift((rest & 0x7f) | 0x80);
  return groups;
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.from([0x80 + bytes.length, ...bytes]);
}
