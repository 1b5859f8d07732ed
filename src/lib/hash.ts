/** A stable, non-cryptographic hash for ids. `crypto.subtle` is missing on plain http, where watching still works. */

/** 64-bit FNV-1a of the UTF-8 bytes, as 13 characters of base 36. */
export function stableHash(text: string): string {
  const prime = 0x100000001b3n;
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * prime);
  }
  return hash.toString(36).padStart(13, '0');
}

/** Random id of `bytes` bytes, hexadecimal. */
export function randomId(bytes: number, fill: (target: Uint8Array) => void): string {
  const raw = new Uint8Array(bytes);
  fill(raw);
  return [...raw].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
