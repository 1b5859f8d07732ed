/** Small durable facts: the database and its twin in memory pass the same suite. */
import * as fake from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memorySettings, openSettings, type DeviceRecord, type SettingsStore } from '../../src/outbox/database.ts';

const strap: DeviceRecord = { deviceId: 'd1', deviceName: 'Polar H10', name: 'My strap', sensorId: 's1' };

beforeEach(() => {
  // idb looks at the classes by name.
  for (const [name, value] of Object.entries(fake)) if (name.startsWith('IDB')) vi.stubGlobal(name, value);
  vi.stubGlobal('indexedDB', new fake.IDBFactory());
});
afterEach(() => vi.unstubAllGlobals());

const stores: readonly [SettingsStore['kind'], () => Promise<SettingsStore>][] = [
  ['durable', openSettings],
  ['memory', () => Promise.resolve(memorySettings())],
];

describe.each(stores)('settings: %s', (kind, open) => {
  it('says what it is', async () => {
    expect((await open()).kind).toBe(kind);
  });

  it('knows nothing at first', async () => {
    const store = await open();
    expect(await store.get('credential')).toBeUndefined();
    expect(await store.devices()).toEqual([]);
  });

  it('keeps the last value of a key, whatever its shape', async () => {
    const store = await open();
    await store.set('credential', { kind: 'guest', mintedAt: 1 });
    await store.set('name', 'Tablet 7');
    await store.set('name', 'Tablet 8');
    expect(await store.get('credential')).toEqual({ kind: 'guest', mintedAt: 1 });
    expect(await store.get('name')).toBe('Tablet 8');
  });

  it('keeps one record per device', async () => {
    const store = await open();
    await store.putDevice(strap);
    await store.putDevice({ ...strap, deviceId: 'd2', sensorId: 's2' });
    await store.putDevice({ ...strap, name: 'Spare' });
    expect((await store.devices()).map(({ deviceId, name }) => [deviceId, name])).toEqual([
      ['d1', 'Spare'],
      ['d2', 'My strap'],
    ]);
  });

  it('removes a device, and does not mind one it never had', async () => {
    const store = await open();
    await store.putDevice(strap);
    await store.removeDevice('d1');
    await store.removeDevice('d9');
    expect(await store.devices()).toEqual([]);
  });
});

describe('the database', () => {
  it('still has everything when it is opened again', async () => {
    const before = await openSettings();
    await before.set('installation', 'abc');
    await before.putDevice(strap);
    const after = await openSettings();
    expect(await after.get('installation')).toBe('abc');
    expect(await after.devices()).toEqual([strap]);
  });

  it.each([
    ['the browser has none', undefined],
    [
      'the browser refuses',
      {
        open() {
          throw new DOMException('denied', 'SecurityError');
        },
      },
    ],
  ])('falls back to memory when %s', async (_why, factory) => {
    vi.stubGlobal('indexedDB', factory);
    const store = await openSettings();
    expect(store.kind).toBe('memory');
    await store.set('name', 'x');
    expect(await store.get('name')).toBe('x');
  });
});
