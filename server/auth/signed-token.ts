/**
 * Tokens the gateway signs itself: `base64url(JSON).base64url(HMAC-SHA256)`. The kind is part of what is signed, so a
 * token made for one purpose is nothing for another. They hold no secret, only what was granted and until when.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export type TokenKind = 'socket' | 'viewer';

interface Claims {
  /** Unix ms. */
  readonly exp: number;
  readonly sub: unknown;
}

/**
 * Signs `subject` (any JSON) for one kind of use.
 * @param expiresAt Unix ms
 */
export function signToken(secret: Uint8Array, kind: TokenKind, subject: unknown, expiresAt: number): string {
  const claims: Claims = { exp: expiresAt, sub: subject };
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${body}.${signature(secret, kind, body)}`;
}

/** The subject of a token that was signed here for this kind and has not expired; undefined for anything else. */
export function openToken(secret: Uint8Array, kind: TokenKind, token: unknown, now: number): unknown {
  if (typeof token !== 'string') return undefined;
  const dot = token.indexOf('.');
  if (dot < 0) return undefined;
  const body = token.slice(0, dot);
  if (!sameText(token.slice(dot + 1), signature(secret, kind, body))) return undefined;
  // Past this line the text is our own, so parsing cannot fail.
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
  return now < claims.exp ? claims.sub : undefined;
}

function signature(secret: Uint8Array, kind: TokenKind, body: string): string {
  return createHmac('sha256', secret).update(`sensocto-web/${kind}/1.${body}`).digest('base64url');
}

/**
 * Compares texts in a time that depends only on their lengths. The text is compared, not the decoded bytes: base64url
 * has several spellings of the same bytes, and only ours counts.
 */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
