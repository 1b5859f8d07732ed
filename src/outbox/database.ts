/**
 * The one IndexedDB database of this installation, and the only file that imports idb: settings, credentials and
 * remembered devices. Where the browser refuses storage (private mode), everything lives in memory and says so.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { SensorId } from '../model/sensor.ts';

const NAME = 'sensocto';
const VERSION = 1;

/** A device this installation knows. */
export interface DeviceRecord {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly name: string;
  readonly sensorId: SensorId;
}

interface Schema extends DBSchema {
  settings: { key: string; value: unknown };
  devices: { key: string; value: DeviceRecord };
}

/** Small durable facts. Values must survive structured cloning. */
export interface SettingsStore {
  readonly kind: 'durable' | 'memory';
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  devices(): Promise<readonly DeviceRecord[]>;
  putDevice(device: DeviceRecord): Promise<void>;
  removeDevice(deviceId: string): Promise<void>;
}

/** Opens the database, or the memory twin when the browser refuses. Never throws. */
export async function openSettings(): Promise<SettingsStore> {
  try {
    return durableSettings(
      await openDB<Schema>(NAME, VERSION, {
        upgrade(db) {
          db.createObjectStore('settings');
          db.createObjectStore('devices', { keyPath: 'deviceId' });
        },
      }),
    );
  } catch {
    // Private mode, blocked storage or a broken profile: the reason does not change what we can do.
    return memorySettings();
  }
}

function durableSettings(db: IDBPDatabase<Schema>): SettingsStore {
  return {
    kind: 'durable',
    get: (key) => db.get('settings', key),
    async set(key, value) {
      await db.put('settings', value, key);
    },
    devices: () => db.getAll('devices'),
    async putDevice(device) {
      await db.put('devices', device);
    },
    async removeDevice(deviceId) {
      await db.delete('devices', deviceId);
    },
  };
}

/** The same in memory; passes the same tests. */
export function memorySettings(): SettingsStore {
  const settings = new Map<string, unknown>();
  const devices = new Map<string, DeviceRecord>();
  return {
    kind: 'memory',
    get: (key) => Promise.resolve(settings.get(key)),
    set(key, value) {
      settings.set(key, value);
      return Promise.resolve();
    },
    devices: () => Promise.resolve([...devices.values()]),
    putDevice(device) {
      devices.set(device.deviceId, device);
      return Promise.resolve();
    },
    removeDevice(deviceId) {
      devices.delete(deviceId);
      return Promise.resolve();
    },
  };
}
