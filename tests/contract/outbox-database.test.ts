/** The database itself: versions, other tabs, private mode. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../../src/outbox/database.ts';
import { openOutbox } from '../../src/outbox/open-outbox.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { blockCodec, installIndexedDb, openLab, readAll, samples } from '../support/outbox-lab.ts';

beforeEach(installIndexedDb);
afterEach(() => vi.unstubAllGlobals());

const strap = { deviceId: 'd1', deviceName: 'Polar H10', name: 'My strap', sensorId: 's1' };
const credential = { kind: 'guest', id: 'g1', token: 'secret', mintedAt: 1_700_000_000_000 };

/** The database as version 1 of this app made it, with what it kept. The connection stays open. */
function versionOne(): Promise<IDBDatabase> {
  const request = indexedDB.open('sensocto', 1);
  return new Promise((resolve, reject) => {
    request.onupgradeneeded = () => {
      request.result.createObjectStore('settings');
      request.result.createObjectStore('devices', { keyPath: 'deviceId' });
    };
    request.onerror = () => reject(request.error ?? new Error('not opened'));
    request.onsuccess = () => {
      const tx = request.result.transaction(['settings', 'devices'], 'readwrite');
      tx.objectStore('settings').put('8f3a01', 'installation');
      tx.objectStore('settings').put(credential, 'credential');
      tx.objectStore('devices').put(strap);
      tx.oncomplete = () => resolve(request.result);
    };
  });
}

/** Opens it as a version that does not exist yet. */
function versionNext(): Promise<IDBDatabase> {
  const request = indexedDB.open('sensocto', 99);
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('not opened'));
  });
}

describe('the database of version 1', () => {
  it('is upgraded with everything it held, and can keep measurements then', async () => {
    (await versionOne()).close();
    const database = await openDatabase();
    if (!database.ok) throw new Error('not opened');
    const { settings } = database.value;
    expect(await settings.get('installation')).toBe('8f3a01');
    expect(await settings.get('credential')).toEqual(credential);
    expect(await settings.devices()).toEqual([strap]);
    const { outbox } = await openLab();
    outbox.append('s1', samples('ecg', 3));
    expect(await readAll(outbox, 's1')).toHaveLength(3);
    expect(await settings.get('credential')).toEqual(credential);
  });

  it('in a tab that does not let go is waited for, but not for ever', async () => {
    const old = await versionOne();
    const clock = createManualClock();
    const opening = openDatabase(clock);
    await vi.waitFor(() => expect(clock.waiting).toBe(1));
    await clock.advance(3000);
    expect(await opening).toMatchObject({ ok: false, error: { code: 'storage-unavailable' } });
    old.close();
    expect((await openDatabase()).ok).toBe(true);
  });

  it('in a tab that lets go in time is upgraded', async () => {
    const old = await versionOne();
    const clock = createManualClock();
    const opening = openDatabase(clock);
    await vi.waitFor(() => expect(clock.waiting).toBe(1));
    old.close();
    expect((await opening).ok).toBe(true);
    expect(clock.waiting).toBe(0);
  });
});

describe('a newer version in another tab', () => {
  it('gets the database at once; what is measured here is held in memory, and said to be', async () => {
    const { outbox, clock } = await openLab();
    outbox.append('s1', samples('ecg', 3));
    await outbox.checkpoint();
    (await versionNext()).close();
    expect(outbox.storage).toMatchObject({ kind: 'memory', error: { code: 'storage-unavailable' } });
    outbox.append('s1', samples('ecg', 3, 3));
    await clock.advance(20_000);
    expect(outbox.storage.kind).toBe('memory');
    expect((await readAll(outbox, 's1')).map(({ value }) => value)).toEqual([3, 4, 5]);
  });

  it('leaves an older one without its database, not with a broken one', async () => {
    (await versionNext()).close();
    expect(await openDatabase()).toMatchObject({ ok: false, error: { code: 'storage-unavailable' } });
  });
});

describe('opening the log', () => {
  const clock = createManualClock();
  const deps = { codec: blockCodec, clock, budgetBytes: 1e6 };

  it('is durable where the browser keeps things', async () => {
    const outbox = await openOutbox({ ...deps, database: await openDatabase() });
    expect(outbox.storage).toEqual({ kind: 'durable' });
    outbox.append('s1', samples('ecg', 3));
    await outbox.close();
    const again = await openOutbox({ ...deps, database: await openDatabase() });
    expect(again.sensorsWithData()).toMatchObject([{ sensorId: 's1', kept: 3 }]);
  });

  it('is in memory in private mode, says so, and numbers from where no earlier run has been', async () => {
    vi.stubGlobal('indexedDB', {
      open() {
        throw new DOMException('denied', 'SecurityError');
      },
    });
    const outbox = await openOutbox({ ...deps, database: await openDatabase() });
    expect(outbox.storage).toMatchObject({
      kind: 'memory',
      error: { detail: 'SecurityError: denied' },
      since: clock.now(),
    });
    expect(outbox.append('s1', samples('ecg', 1)).firstSeq).toBe(clock.now() * 1000);
  });

  it('is in memory if the database opens but cannot be read', async () => {
    const database = await openDatabase();
    if (!database.ok) throw new Error('not opened');
    database.value.log.close();
    const outbox = await openOutbox({ ...deps, database });
    expect(outbox.storage.kind).toBe('memory');
  });
});
