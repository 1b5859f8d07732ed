import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createCredentials,
  GUEST_LIFETIME,
  SOCKET_TOKEN_LIFETIME,
  VIEWER_TOKEN_LIFETIME,
} from '../../../../server/auth/credentials.ts';
import { QUALITIES } from '../../../../src/model/quality.ts';
import { guestsOnly } from './memory-store.ts';

const START = Date.UTC(2026, 0, 1);

function setUp(loopback = false) {
  let time = START;
  const store = guestsOnly(randomBytes(32));
  const credentials = createCredentials(store, { loopback, now: () => time });
  return { store, credentials, at: (ms: number) => (time = START + ms) };
}

const sensorIds = fc.option(fc.array(fc.string(), { maxLength: 5 }), { nil: null });

describe('guests', () => {
  it('get an id of 22, a secret of 43 characters, and are known by the pair', () => {
    const { credentials } = setUp();
    const guest = credentials.mintGuest('Ada');
    expect(guest.guest_id).toMatch(/^guest_[A-Za-z0-9_-]{22}$/);
    expect(guest.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(guest.bearer_token).toBe(`guest:${guest.guest_id}:${guest.token}`);
    expect(credentials.checkBearer(guest.bearer_token)).toEqual({
      kind: 'guest',
      id: guest.guest_id,
      displayName: 'Ada',
    });
  });

  it('leave no secret in the store', () => {
    const { credentials, store } = setUp();
    const guest = credentials.mintGuest('Ada');
    const kept = JSON.stringify([...store.guests.values()]);
    expect(kept).toContain(guest.guest_id);
    expect(kept).not.toContain(guest.token);
  });

  it('expire after 30 days', () => {
    const { credentials, at } = setUp();
    const { bearer_token: bearer } = credentials.mintGuest('Ada');
    at(GUEST_LIFETIME - 1);
    expect(credentials.checkBearer(bearer)?.kind).toBe('guest');
    at(GUEST_LIFETIME);
    expect(credentials.checkBearer(bearer)).toBeUndefined();
  });

  it('are not known by the secret of another', () => {
    const { credentials } = setUp();
    const a = credentials.mintGuest('A');
    const b = credentials.mintGuest('B');
    expect(credentials.checkBearer(`guest:${a.guest_id}:${b.token}`)).toBeUndefined();
  });

  it('are nobody after any change of one character', () => {
    const { credentials } = setUp();
    const { bearer_token: bearer } = credentials.mintGuest('Ada');
    fc.assert(
      fc.property(fc.nat(bearer.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (index, char) => {
        fc.pre(bearer[index] !== char);
        const changed = bearer.slice(0, index) + char + bearer.slice(index + 1);
        expect(credentials.checkBearer(changed)).toBeUndefined();
      }),
    );
  });

  it('are never made out of anything else', () => {
    const { credentials } = setUp();
    fc.assert(fc.property(fc.anything(), (value) => credentials.checkBearer(value) === undefined));
  });
});

describe('the literal "missing"', () => {
  it('is somebody only when nobody else can reach the gateway', () => {
    expect(setUp(true).credentials.checkBearer('missing')?.kind).toBe('missing');
    expect(setUp(false).credentials.checkBearer('missing')).toBeUndefined();
  });
});

describe('viewer tokens', () => {
  it('give back what was granted, for an hour', () => {
    const { credentials, at } = setUp();
    fc.assert(
      fc.property(fc.string(), sensorIds, fc.constantFrom(...QUALITIES), (viewerId, ids, quality) => {
        at(0);
        const token = credentials.mintViewerToken(viewerId, ids, quality);
        at(VIEWER_TOKEN_LIFETIME - 1);
        expect(credentials.checkViewerToken(token)).toEqual({ viewerId, sensorIds: ids, quality });
        at(VIEWER_TOKEN_LIFETIME);
        expect(credentials.checkViewerToken(token)).toBeUndefined();
      }),
    );
  });

  it('are nothing after any change of one character, and nothing under another secret', () => {
    const { credentials } = setUp();
    const token = credentials.mintViewerToken('v', ['a', 'b'], 'high');
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (index, char) => {
        fc.pre(token[index] !== char);
        const changed = token.slice(0, index) + char + token.slice(index + 1);
        expect(credentials.checkViewerToken(changed)).toBeUndefined();
      }),
    );
    expect(setUp().credentials.checkViewerToken(token)).toBeUndefined();
  });

  it('have one spelling: other base64url of the same bytes is refused', () => {
    const { credentials } = setUp();
    const token = credentials.mintViewerToken('v', null, 'low');
    const bytes = Buffer.from(token.split('.')[1] ?? '', 'base64url');
    const twins = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
      .map((char) => token.slice(0, -1) + char)
      .filter((twin) => twin !== token && Buffer.from(twin.split('.')[1] ?? '', 'base64url').equals(bytes));
    expect(twins.length).toBeGreaterThan(0);
    for (const twin of twins) expect(credentials.checkViewerToken(twin)).toBeUndefined();
  });

  it('and any other value never throw', () => {
    const { credentials } = setUp();
    fc.assert(fc.property(fc.anything(), (value) => credentials.checkViewerToken(value) === undefined));
  });
});

describe('socket tokens', () => {
  it('name the guest for a day, and are anonymous otherwise', () => {
    const { credentials, at } = setUp();
    const guest = credentials.mintGuest('Ada');
    at(SOCKET_TOKEN_LIFETIME - 1);
    expect(credentials.checkSocketToken(guest.socket_token)).toBe(guest.guest_id);
    at(SOCKET_TOKEN_LIFETIME);
    expect(credentials.checkSocketToken(guest.socket_token)).toBe('anonymous');
    fc.assert(fc.property(fc.anything(), (value) => credentials.checkSocketToken(value) === 'anonymous'));
  });

  it('and viewer tokens do not stand in for each other', () => {
    const { credentials } = setUp();
    const guest = credentials.mintGuest('Ada');
    expect(credentials.checkViewerToken(guest.socket_token)).toBeUndefined();
    expect(credentials.checkSocketToken(credentials.mintViewerToken('v', null, 'high'))).toBe('anonymous');
    expect(credentials.checkBearer(guest.socket_token)).toBeUndefined();
  });
});
