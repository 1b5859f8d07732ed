import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../../../server/store/errors.ts';
import { type GatewayStore, openStore } from '../../../../server/store/store.ts';

const DAY = 86_400_000;
let dir: string;
let open: GatewayStore[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'store-'));
  open = [];
});
afterEach(() => {
  for (const store of open) store.close();
  rmSync(dir, { recursive: true });
});

function start(options: { now?: () => number; retentionDays?: number } = {}): GatewayStore {
  const store = openStore(dir, { retentionDays: 30, ...options });
  open.push(store);
  return store;
}

function reopen(store: GatewayStore): GatewayStore {
  open.splice(open.indexOf(store), 1);
  store.close();
  return start();
}

function openError(): StoreError {
  try {
    start();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('the store opened');
}

describe('measurements', () => {
  it('come back in order of arrival, before and after they are written and after a restart', () => {
    let store = start();
    const series = store.series('s1', 'heartrate');
    const expected = [];
    for (let i = 0; i < 500; i++) {
      series.push({ attribute_id: 'heartrate', payload: 60 + (i % 40), timestamp: 1000 - i, seq: i });
      expected.push({
        sensorId: 's1',
        attribute: 'heartrate',
        payload: 60 + (i % 40),
        timestamp: 1000 - i,
        extra: { seq: i },
      });
      if (i % 37 === 0) store.flush();
    }
    expect(store.read('s1', 'heartrate')).toEqual(expected);
    expect(store.counts()).toMatchObject({ accepted: 500, lost: 0 });
    store = reopen(store);
    expect(store.read('s1', 'heartrate')).toEqual(expected);
    expect(store.counts()).toEqual({ accepted: 0, written: 500, lost: 0 });
  });

  it('are kept apart by sensor and attribute, whatever the sensor id', () => {
    const odd = ['', 'a:b_c', '\u0000nul', 'a\u0000', '\ud800', '"quoted"', '\\', '__proto__', 'ünï💓'];
    let store = start();
    store.append(odd.map((sensorId, i) => ({ sensorId, attribute: 'a', payload: i, timestamp: i })));
    store = reopen(store);
    odd.forEach((sensorId, i) => {
      expect(store.read(sensorId, 'a')).toEqual([{ sensorId, attribute: 'a', payload: i, timestamp: i }]);
    });
  });

  it('take any JSON through the disk', () => {
    let store = start();
    const expected: unknown[] = [];
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const payload: unknown = JSON.parse(JSON.stringify(value));
        expected.push(payload);
        store.append([{ sensorId: 's', attribute: 'any', payload, timestamp: '2026-01-01' }]);
      }),
    );
    store = reopen(store);
    expect(store.read('s', 'any').map((sample) => sample.payload)).toEqual(expected);
  });

  it('that JSON cannot carry are counted as lost and stop nobody else', () => {
    const store = start();
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    store.append([
      { sensorId: 'deep', attribute: 'a', payload: deep, timestamp: 1 },
      { sensorId: 'big', attribute: 'a', payload: 1n, timestamp: 1 },
      { sensorId: 'good', attribute: 'a', payload: 1, timestamp: 1 },
    ]);
    store.flush();
    expect(store.counts()).toEqual({ accepted: 3, written: 1, lost: 2 });
    expect(store.problem()).toBeUndefined();
  });

  it('are written by themselves within half a second', async () => {
    const store = start();
    store.append([{ sensorId: 's', attribute: 'a', payload: 1, timestamp: 1 }]);
    expect(store.counts().written).toBe(0);
    await expect.poll(() => store.counts().written, { timeout: 500, interval: 10 }).toBe(1);
  });

  it('of a slow series share rows instead of taking one each', () => {
    let now = 0;
    const store = start({ now: () => now });
    const series = store.series('s', 'bpm');
    for (let second = 0; second < 600; second++) {
      now = second * 1000;
      series.push({ attribute_id: 'bpm', payload: 70, timestamp: now });
      store.flush();
    }
    reopen(store).close();
    open.length = 0;
    const rows = rowCount(join(dir, 'sensocto.db'));
    expect(rows).toBe(10);
  });

  it('older than the retention are removed, with their guests; newer ones stay and go on', () => {
    let now = 100 * DAY;
    let store = start({ now: () => now, retentionDays: 2 });
    store.addGuest({ guestId: 'old', displayName: 'o', tokenHash: 'h', createdAt: now - 31 * DAY });
    store.addGuest({ guestId: 'new', displayName: 'n', tokenHash: 'h', createdAt: now - 10 * DAY });
    const series = store.series('s', 'a');
    const push = (payload: number) => {
      series.push({ attribute_id: 'a', payload, timestamp: now });
      store.flush();
    };
    push(1);
    now += 1.5 * DAY;
    push(2);
    now += DAY;
    store.prune(now);
    push(3);
    expect(store.read('s', 'a').map((s) => s.payload)).toEqual([2, 3]);
    expect(store.counts().written).toBe(2);
    expect(store.findGuest('old')).toBeUndefined();
    now += 3 * DAY;
    store.prune(now);
    push(4);
    store = reopen(store);
    expect(store.read('s', 'a').map((s) => s.payload)).toEqual([4]);
    expect(store.findGuest('new')?.displayName).toBe('n');
  });
});

describe('guests, rooms and the key', () => {
  it('survive a restart', () => {
    const guest = { guestId: 'g1', displayName: 'Zoë', tokenHash: 'abc', createdAt: 5 };
    const room = {
      id: 'r1',
      name: 'Workshop',
      description: '',
      ownerId: 'g1',
      isPublic: true,
      joinCode: 'ABCD',
      createdAt: 7,
    };
    let store = start();
    store.addGuest(guest);
    store.addRoom(room);
    expect(() => store.addRoom({ ...room, id: 'r2' })).toThrow();
    const { secret } = store;
    store = reopen(store);
    expect(store.findGuest('g1')).toEqual(guest);
    expect(store.findGuest('nobody')).toBeUndefined();
    expect(store.listRooms()).toEqual([room]);
    expect(store.secret).toEqual(secret);
    expect(secret.length).toBe(32);
  });

  it('are readable by their owner only', () => {
    start();
    expect(statSync(join(dir, 'secret')).mode & 0o777).toBe(0o600);
    for (const file of ['sensocto.db', 'sensocto.db-wal']) expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600);
  });
});

describe('a store that cannot be opened says why and is left alone', () => {
  it('damaged', () => {
    const path = join(dir, 'sensocto.db');
    writeFileSync(path, 'not a database '.repeat(500));
    const before = readFileSync(path);
    const error = openError();
    expect(error.code).toBe('store-corrupt');
    expect(error.message).toContain(path);
    expect(readFileSync(path)).toEqual(before);
  });

  it('in use', () => {
    start();
    expect(openError().code).toBe('store-locked');
  });

  it('written by a later version', () => {
    start().close();
    open.length = 0;
    const db = new Database(join(dir, 'sensocto.db'));
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(openError().code).toBe('store-newer');
  });

  it('a damaged key', () => {
    writeFileSync(join(dir, 'secret'), 'short');
    expect(openError().code).toBe('store-secret-damaged');
    expect(readFileSync(join(dir, 'secret'), 'utf8')).toBe('short');
  });

  it('a folder that is a file', () => {
    writeFileSync(join(dir, 'file'), '');
    expect(() => openStore(join(dir, 'file'), { retentionDays: 1 })).toThrow(StoreError);
  });
});

function rowCount(path: string): number {
  const db = new Database(path);
  const row = db.prepare('SELECT count(*) AS n FROM segments').get() as { n: number };
  db.close();
  return row.n;
}
