/**
 * The one IndexedDB database of this installation, and the only file that imports idb: settings, remembered devices, and
 * the stores of the log. Where the browser refuses storage (private mode), everything lives in memory and says so.
 *
 * Version 1: settings, devices. Version 2: log, aside and gaps (keys [sensor id, number]), counters (key: sensor id).
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { systemTimers, type Timers } from '../lib/timers.ts';
import { appError, describeThrown } from '../model/errors.ts';
import type { Mapping } from '../model/mapping.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { SensorId } from '../model/sensor.ts';
import { LogTakenOver, MAX_GAPS, type LogDatabase, type SensorChanges } from './ports.ts';

const NAME = 'sensocto';
const VERSION = 2;
/** Key among the counters, which no sensor id can be: how often the log was taken over. */
const FENCE = '#fence';
/** How long another tab with an older version may take to let go, ms. */
const BLOCKED_WAIT = 3000;

/** A device this installation knows. */
export interface DeviceRecord {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly name: string;
  readonly sensorId: SensorId;
  /** What it turned out to be; absent before it was ever linked. */
  readonly sensorType?: string;
  /** How to read it, where a person taught that. */
  readonly mappings?: readonly Mapping[];
  /** Small numbers that profiles remember of it. */
  readonly notes?: Readonly<Record<string, number>>;
}

type NumberedKey = [SensorId, number];

/** Values are read as unknown: whatever wrote them, they are checked where they are used. */
interface Schema extends DBSchema {
  settings: { key: string; value: unknown };
  devices: { key: string; value: DeviceRecord };
  log: { key: NumberedKey; value: unknown };
  aside: { key: NumberedKey; value: unknown };
  gaps: { key: NumberedKey; value: unknown };
  counters: { key: string; value: unknown };
}

type Handle = IDBPDatabase<Schema>;

/** Small durable facts. Values must survive structured cloning. */
export interface SettingsStore {
  readonly kind: 'durable' | 'memory';
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  devices(): Promise<readonly DeviceRecord[]>;
  putDevice(device: DeviceRecord): Promise<void>;
  removeDevice(deviceId: string): Promise<void>;
}

/** The open database: one connection for both. */
export interface Database {
  readonly settings: SettingsStore;
  readonly log: LogDatabase;
}

/**
 * Opens (and if need be creates or upgrades) the database. Never throws.
 * Error: `storage-unavailable` in private mode, with blocked storage, a broken profile, or an old tab that will not close.
 */
export async function openDatabase(timers: Timers = systemTimers): Promise<Result<Database>> {
  try {
    const connection = new Connection(timers);
    await connection.open();
    return ok({ settings: durableSettings(connection), log: logOf(connection) });
  } catch (thrown) {
    return fail(appError('storage-unavailable', describeThrown(thrown)));
  }
}

/** Opens the database, or the memory twin when the browser refuses: the reason does not change what we can do. */
export async function openSettings(): Promise<SettingsStore> {
  const database = await openDatabase();
  return database.ok ? database.value.settings : memorySettings();
}

/** The connection, and what ends it. */
class Connection {
  readonly #timers: Timers;
  #db: Handle | undefined;
  #onClosed: (reason: string) => void = () => undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Throws what every operation of a closed database throws. */
  get db(): Handle {
    if (!this.#db) throw new DOMException('the database is closed', 'InvalidStateError');
    return this.#db;
  }

  onClosed(listener: (reason: string) => void): void {
    this.#onClosed = listener;
  }

  async open(): Promise<void> {
    this.#db?.close();
    this.#db = undefined;
    const opening = openDB<Schema>(NAME, VERSION, {
      upgrade,
      blocked: () => giveUp.arm(),
      // A newer version of this app waits in another tab: holding on would keep it from starting.
      blocking: () => this.#ended('a newer version of this app is open in another tab'),
      terminated: () => this.#ended('the browser closed the database'),
    });
    const giveUp = deadline(this.#timers, 'another tab with an older version of this app is open');
    try {
      this.#db = await Promise.race([opening, giveUp.expired]);
    } catch (thrown) {
      // If it opens after all, nobody waits for it any more; why it did not is known already.
      void opening.then(
        (late) => late.close(),
        () => undefined,
      );
      throw thrown;
    } finally {
      giveUp.cancel();
    }
  }

  close(): void {
    this.#db?.close();
    this.#db = undefined;
  }

  #ended(reason: string): void {
    this.close();
    this.#onClosed(reason);
  }
}

/** Each version adds to the one before it; nothing that was stored is touched. */
function upgrade(db: Handle, oldVersion: number): void {
  if (oldVersion < 1) {
    db.createObjectStore('settings');
    db.createObjectStore('devices', { keyPath: 'deviceId' });
  }
  if (oldVersion < 2) {
    db.createObjectStore('log');
    db.createObjectStore('aside');
    db.createObjectStore('gaps');
    db.createObjectStore('counters');
  }
}

/** A promise that rejects some time after it was armed. */
function deadline(timers: Timers, reason: string) {
  let cancel = (): void => undefined;
  let arm = (): void => undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    arm = () => (cancel = timers.after(BLOCKED_WAIT, () => reject(new DOMException(reason, 'TimeoutError'))));
  });
  return { expired, arm: () => arm(), cancel: () => cancel() };
}

function durableSettings(connection: Connection): SettingsStore {
  return {
    kind: 'durable',
    get: async (key) => connection.db.get('settings', key),
    async set(key, value) {
      await connection.db.put('settings', value, key);
    },
    devices: async () => connection.db.getAll('devices'),
    async putDevice(device) {
      await connection.db.put('devices', device);
    },
    async removeDevice(deviceId) {
      await connection.db.delete('devices', deviceId);
    },
  };
}

function logOf(connection: Connection): LogDatabase {
  /** 0: not claimed. */
  let fence = 0;
  return {
    async claim() {
      const tx = connection.db.transaction('counters', 'readwrite', { durability: 'strict' });
      const before = await tx.store.get(FENCE);
      fence = typeof before === 'number' ? before + 1 : 1;
      await tx.store.put(fence, FENCE);
      const [keys, values] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()]);
      await tx.done;
      return keys.map((key, i) => ({ key, value: values[i] })).filter(({ key }) => key !== FENCE);
    },
    async records(sensorId, { from, to }, count) {
      const tx = connection.db.transaction(['log', 'counters']);
      const store = tx.objectStore('log');
      const range = IDBKeyRange.bound([sensorId, from], [sensorId, to]);
      // Keys and values in one transaction, so that they belong together; the fence, as who follows sends them now.
      const [keys, values, holder] = await Promise.all([
        store.getAllKeys(range, count),
        store.getAll(range, count),
        tx.objectStore('counters').get(FENCE),
      ]);
      if (fence !== 0 && holder !== fence) throw takenOver();
      return keys.map(([, id], i) => ({ id, value: values[i] }));
    },
    asides: async (sensorId, after, count) =>
      connection.db.getAll('aside', IDBKeyRange.bound([sensorId, after], [sensorId, Infinity], true), count),
    gaps: async (sensorId) =>
      connection.db.getAll('gaps', IDBKeyRange.bound([sensorId, -Infinity], [sensorId, Infinity])),
    commit: async (changes, durability) => commit(connection.db, fence, changes, durability),
    reopen: () => connection.open(),
    onClosed: (listener) => connection.onClosed(listener),
    close: () => connection.close(),
  };
}

async function commit(
  db: Handle,
  fence: number,
  changes: readonly SensorChanges[],
  durability: 'strict' | 'relaxed',
): Promise<void> {
  const tx = db.transaction(['log', 'aside', 'gaps', 'counters'], 'readwrite', { durability });
  let fenced = false;
  const work: Promise<unknown>[] = [
    tx
      .objectStore('counters')
      .get(FENCE)
      .then((holder) => {
        fenced = holder !== fence;
        if (fenced) tx.abort();
      }),
  ];
  try {
    for (const { row, deletes, puts, asides, gaps } of changes) {
      const { sensorId } = row;
      for (const { from, to } of deletes) {
        work.push(tx.objectStore('log').delete(IDBKeyRange.bound([sensorId, from], [sensorId, to])));
      }
      for (const { id, record } of puts) work.push(tx.objectStore('log').put(record, [sensorId, id]));
      for (const one of asides) work.push(tx.objectStore('aside').put(one, [sensorId, one.id]));
      for (const { key, gap } of gaps) work.push(tx.objectStore('gaps').put(gap, [sensorId, key]));
      if (gaps.length > 0) {
        const last = row.nextGap - MAX_GAPS - 1;
        work.push(tx.objectStore('gaps').delete(IDBKeyRange.bound([sensorId, -Infinity], [sensorId, last])));
      }
      work.push(tx.objectStore('counters').put(row, sensorId));
    }
  } catch (thrown) {
    // Half of it must not be committed. What was asked already fails with the transaction; `thrown` says why.
    tx.abort();
    await Promise.allSettled([...work, tx.done]);
    throw thrown;
  }
  // The transaction's own error names the cause (a full disk) where its requests only say that they were aborted.
  const [done] = await Promise.allSettled([tx.done, ...work]);
  if (fenced) throw takenOver();
  if (done.status === 'rejected') throw done.reason;
}

function takenOver(): LogTakenOver {
  return new LogTakenOver('another tab keeps the log now');
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
