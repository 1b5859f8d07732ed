/**
 * Who may stream and who may look. Guests keep a secret of which the store has only the SHA-256 hash; socket and viewer
 * tokens are signed and not stored at all. Shapes and lifetimes are those of the platform.
 */
import { createHash, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { QUALITIES, type Quality } from '../../src/model/quality.ts';
import type { Credentials, Identity, Store, ViewerGrant } from '../ports.ts';
import { openToken, sameText, signToken } from './signed-token.ts';

const HOUR = 3_600_000;
export const GUEST_LIFETIME = 30 * 24 * HOUR;
export const SOCKET_TOKEN_LIFETIME = 24 * HOUR;
export const VIEWER_TOKEN_LIFETIME = HOUR;

/** What a guest presents: 16 random bytes name it, 32 random bytes prove it. */
const GUEST_BEARER = /^guest:(guest_[A-Za-z0-9_-]{22}):([A-Za-z0-9_-]{43})$/;

const Grant = v.object({
  viewer: v.string(),
  sensors: v.nullable(v.array(v.string())),
  quality: v.picklist(QUALITIES),
});

export interface CredentialsOptions {
  /** True when only this machine can reach the gateway: then the literal `missing` is accepted. */
  readonly loopback: boolean;
  /** Unix ms; `Date.now` unless a test says otherwise. */
  readonly now?: () => number;
}

/** Mints and checks credentials over the guests and the secret of `store`. */
export function createCredentials(store: Store, options: CredentialsOptions): Credentials {
  const now = options.now ?? Date.now;
  return {
    checkBearer: (token) => checkBearer(store, options.loopback, token, now()),
    checkViewerToken: (token) => readGrant(openToken(store.secret, 'viewer', token, now())),
    checkSocketToken(token) {
      const user = openToken(store.secret, 'socket', token, now());
      return typeof user === 'string' ? user : 'anonymous';
    },
    mintGuest: (displayName) => mintGuest(store, displayName, now()),
    mintViewerToken(viewerId, sensorIds, quality: Quality) {
      const grant: v.InferInput<typeof Grant> = {
        viewer: viewerId,
        sensors: sensorIds === null ? null : [...sensorIds],
        quality,
      };
      return signToken(store.secret, 'viewer', grant, now() + VIEWER_TOKEN_LIFETIME);
    },
  };
}

function checkBearer(store: Store, loopback: boolean, token: unknown, now: number): Identity | undefined {
  if (typeof token !== 'string') return undefined;
  if (token === 'missing') return loopback ? { kind: 'missing', id: 'missing', displayName: 'Anonymous' } : undefined;
  const [, guestId, secret] = GUEST_BEARER.exec(token) ?? [];
  if (guestId === undefined || secret === undefined) return undefined;
  const guest = store.findGuest(guestId);
  if (!guest || now >= guest.createdAt + GUEST_LIFETIME) return undefined;
  if (!sameText(hashOf(secret), guest.tokenHash)) return undefined;
  return { kind: 'guest', id: guest.guestId, displayName: guest.displayName };
}

function mintGuest(store: Store, displayName: string, now: number): ReturnType<Credentials['mintGuest']> {
  const guestId = `guest_${randomBytes(16).toString('base64url')}`;
  const token = randomBytes(32).toString('base64url');
  store.addGuest({ guestId, displayName, tokenHash: hashOf(token), createdAt: now });
  return {
    guest_id: guestId,
    token,
    bearer_token: `guest:${guestId}:${token}`,
    socket_token: signToken(store.secret, 'socket', guestId, now + SOCKET_TOKEN_LIFETIME),
  };
}

function readGrant(subject: unknown): ViewerGrant | undefined {
  const parsed = v.safeParse(Grant, subject);
  if (!parsed.success) return undefined;
  const { viewer, sensors, quality } = parsed.output;
  return { viewerId: viewer, sensorIds: sensors, quality };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
