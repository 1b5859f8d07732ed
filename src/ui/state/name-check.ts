/** Checks a name as it is typed. The server counts bytes, not letters: an emoji takes four. */

export const MAX_NAME_BYTES = 100;

export type NameCheck =
  | { readonly kind: 'ok'; readonly name: string; readonly bytesLeft: number }
  | { readonly kind: 'empty' }
  | { readonly kind: 'too-long'; readonly bytesOver: number }
  | { readonly kind: 'controls' };

const CONTROL = /\p{Cc}/u;

/** Trims and checks: 1–100 bytes of UTF-8, no control characters. */
export function checkName(typed: string): NameCheck {
  const name = typed.trim();
  if (name === '') return { kind: 'empty' };
  if (CONTROL.test(name)) return { kind: 'controls' };
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > MAX_NAME_BYTES) return { kind: 'too-long', bytesOver: bytes - MAX_NAME_BYTES };
  return { kind: 'ok', name, bytesLeft: MAX_NAME_BYTES - bytes };
}
