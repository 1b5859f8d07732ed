/**
 * A browser worker that writes an ECG to disk: into the app's own log, or as one row per sample, the plainest way to use
 * IndexedDB. Both write the same blocks in the same order, end a transaction at the same places, and force the same ones to
 * the disk.
 */
import { systemClock } from '../../../src/lib/timers.ts';
import type { NumericBlock } from '../../../src/model/block.ts';
import { openDatabase } from '../../../src/outbox/database.ts';
import { openOutbox } from '../../../src/outbox/open-outbox.ts';
import { decodeBlock, encodeBlock } from '../../../src/protocol/block-codec.ts';
import { batchesOf, ecgNotifications } from './ecg-stream.ts';

const SENSOR = 'bench-ecg';
/** Name of the app's own database. */
const LOG = 'sensocto';
const ROWS = 'rows';
/** More than is written. */
const BUDGET = 2 ** 30;

/** What to write, and how often the writer waits for the disk. */
export interface WriteRequest {
  readonly store: 'log' | 'rows';
  readonly seconds: number;
  /** Samples of a block: what the app spools at once. */
  readonly block: number;
  /** Blocks until the writer waits. */
  readonly blocksPerTransaction: number;
  /** Whether each of these waits is for the disk itself, or for the system to have taken it. */
  readonly strict: boolean;
}

export interface Written {
  readonly samples: number;
  /** ms, from the first block until all is forced to the disk. */
  readonly elapsed: number;
}

/** A place to write to. */
interface Store {
  /** Takes blocks over and resolves when they are written. */
  write(blocks: readonly NumericBlock[], strict: boolean): Promise<void>;
  /** Forces everything to the disk and lets go. */
  close(): Promise<void>;
  /** Sum of all values that are there, and how many. Throws for what cannot be read. */
  readBack(): Promise<{ readonly samples: number; readonly sum: number }>;
}

async function openLog(): Promise<Store> {
  const outbox = await openOutbox({
    database: await openDatabase(),
    codec: { encode: (block, firstSeq) => encodeBlock(block, { firstSeq }), decode: decodeBlock },
    clock: systemClock,
    budgetBytes: BUDGET,
  });
  if (outbox.storage.kind !== 'durable') throw new Error(`not durable: ${outbox.storage.error.detail}`);
  outbox.describe({ sensorId: SENSOR, name: 'Bench', sensorType: 'ecg', demo: true });
  outbox.register(SENSOR, { attribute: 'ecg', attributeType: 'ecg', samplingRate: 130 });
  return {
    async write(blocks, strict) {
      for (const block of blocks) outbox.append(SENSOR, block);
      // Confirming nothing resolves when everything before it is written.
      await (strict ? outbox.checkpoint() : outbox.confirmSamples(SENSOR, []));
    },
    close: () => outbox.close(),
    async readBack() {
      const { rows } = await allOf(LOG, 'log');
      let sum = 0;
      let samples = 0;
      for (const row of rows as { readonly bytes: Uint8Array }[]) {
        const decoded = decodeBlock(row.bytes);
        if (!decoded.ok || decoded.value.block.kind !== 'numeric') throw new Error('a record cannot be read');
        samples += decoded.value.block.values.length;
        for (const value of decoded.value.block.values) sum += value;
      }
      return { samples, sum };
    },
  };
}

async function openRows(): Promise<Store> {
  const opening = indexedDB.open(ROWS, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('samples', { autoIncrement: true });
  const db = await settled(opening);
  let seq = 0;
  const transaction = (work: (store: IDBObjectStore) => void, strict: boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const tx = db.transaction('samples', 'readwrite', { durability: strict ? 'strict' : 'relaxed' });
      tx.oncomplete = () => resolve();
      tx.onabort = () => reject(tx.error ?? new Error('aborted'));
      work(tx.objectStore('samples'));
    });
  return {
    write: (blocks, strict) =>
      transaction((store) => {
        for (const { attribute, times, values } of blocks) {
          for (const [i, value] of values.entries()) {
            store.add({ sensorId: SENSOR, attribute, timestamp: times[i], payload: value, seq: seq++ });
          }
        }
      }, strict),
    async close() {
      await transaction((store) => store.put({}, 0), true);
      await transaction((store) => store.delete(0), true);
      db.close();
    },
    async readBack() {
      const { rows } = await allOf(ROWS, 'samples');
      const values = (rows as { readonly payload: number }[]).map(({ payload }) => payload);
      return { samples: values.length, sum: values.reduce((sum, value) => sum + value, 0) };
    },
  };
}

async function allOf(database: string, store: string): Promise<{ readonly rows: unknown[] }> {
  const db = await settled(indexedDB.open(database));
  const rows = await settled(db.transaction(store).objectStore(store).getAll());
  db.close();
  return { rows };
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('refused'));
  });
}

/** Writes into an empty database, and reads everything back. */
async function write(request: WriteRequest): Promise<Written> {
  await settled(indexedDB.deleteDatabase(request.store === 'log' ? LOG : ROWS));
  const blocks = batchesOf(ecgNotifications(request.seconds), request.block);
  const store = await (request.store === 'log' ? openLog() : openRows());
  const began = performance.now();
  for (let at = 0; at < blocks.length; at += request.blocksPerTransaction) {
    await store.write(blocks.slice(at, at + request.blocksPerTransaction), request.strict);
  }
  await store.close();
  const elapsed = performance.now() - began;
  let samples = 0;
  let sum = 0;
  for (const { values } of blocks) {
    samples += values.length;
    for (const value of values) sum += value;
  }
  const found = await store.readBack();
  if (found.samples !== samples || found.sum !== sum)
    throw new Error(`${found.samples} of ${samples} samples are there`);
  return { samples, elapsed };
}

addEventListener('message', ({ data }: MessageEvent<WriteRequest>) => {
  write(data).then(
    (written) => postMessage({ written }),
    (thrown: unknown) => postMessage({ problem: String(thrown) }),
  );
});
