/** A durable log on a database that forgets nothing but fails on command: full, closed, cut off in the middle. */
import * as fake from 'fake-indexeddb';
import { vi } from 'vitest';
import type { Block } from '../../src/model/block.ts';
import { openDatabase } from '../../src/outbox/database.ts';
import { openDurableOutbox, type DurableOutboxDeps } from '../../src/outbox/durable-outbox.ts';
import {
  RECORD_SPAN,
  type BlockCodec,
  type LogDatabase,
  type Outbox,
  type SensorChanges,
} from '../../src/outbox/ports.ts';
import { decodeBlock, encodeBlock } from '../../src/protocol/block-codec.ts';
import type { OutboxEntry, OutboxPort } from '../../src/stream/ports.ts';
import { parseRecord, sizeOf } from '../../src/outbox/row.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

export const blockCodec: BlockCodec = {
  encode: (block, firstSeq) => encodeBlock(block, { firstSeq }),
  decode: decodeBlock,
};

/** Makes IndexedDB exist, empty. idb looks at the classes by name. */
export function installIndexedDb(): void {
  for (const [name, value] of Object.entries(fake)) if (name.startsWith('IDB')) vi.stubGlobal(name, value);
  vi.stubGlobal('indexedDB', new fake.IDBFactory());
}

/** What a commit does instead of its work. */
export type Fault =
  | { readonly kind: 'reject'; readonly error: Error }
  /** The process ends before the transaction is done: nothing of it is written, nobody hears of it. */
  | { readonly kind: 'die' };

export const FULL = { kind: 'reject', error: new DOMException('disk full', 'QuotaExceededError') } as const;
export const BROKEN = { kind: 'reject', error: new DOMException('disk error', 'UnknownError') } as const;

export interface FaultyDatabase extends LogDatabase {
  /** Asked before each commit; undefined: it is done. */
  fault: (changes: readonly SensorChanges[]) => Fault | undefined;
  /** Bytes of records that the disk takes: a commit that would leave more, and more than before, is refused as full. */
  capacity: number;
  /** As if the process had ended: nothing that is asked is ever answered. */
  dead: boolean;
  readonly commits: { readonly durability: string; readonly changes: readonly SensorChanges[] }[];
  /** The browser closes it; it opens again when `refusing` says so. */
  drop(reason: string): void;
  refusing: boolean;
}

const NEVER = new Promise<never>(() => undefined);

export async function openFaulty(): Promise<FaultyDatabase> {
  const database = await openDatabase();
  if (!database.ok) throw new Error(database.error.detail);
  const real = database.value.log;
  let closed: (reason: string) => void = () => undefined;
  const alive = <T>(work: () => Promise<T>): Promise<T> => (faulty.dead ? NEVER : work());
  let sizes: Sizes = await storedSizes();
  const faulty: FaultyDatabase = {
    fault: () => undefined,
    capacity: Infinity,
    dead: false,
    refusing: false,
    commits: [],
    claim: () => real.claim(),
    records: (...args) => alive(() => real.records(...args)),
    asides: (...args) => alive(() => real.asides(...args)),
    gaps: (...args) => alive(() => real.gaps(...args)),
    commit: (changes, durability) =>
      alive(async () => {
        const fault = faulty.fault(changes);
        if (fault?.kind === 'reject') throw fault.error;
        if (fault?.kind === 'die') {
          faulty.dead = true;
          return NEVER;
        }
        const after = sizesAfter(sizes, changes);
        if (sumOf(after) > Math.max(faulty.capacity, sumOf(sizes))) throw FULL.error;
        await real.commit(changes, durability);
        sizes = after;
        faulty.commits.push({ durability, changes });
      }),
    reopen: () =>
      alive(async () => {
        if (faulty.refusing) throw new DOMException('still gone', 'UnknownError');
        await real.reopen();
      }),
    onClosed: (listener) => {
      closed = listener;
      real.onClosed(listener);
    },
    drop(reason) {
      real.close();
      closed(reason);
    },
    close: () => real.close(),
  };
  return faulty;
}

type Sizes = ReadonlyMap<string, number>;

const sumOf = (sizes: Sizes): number => [...sizes.values()].reduce((sum, one) => sum + one, 0);

async function storedSizes(): Promise<Sizes> {
  const keys = await behindItsBack('log', (store) => store.getAllKeys());
  const values = await behindItsBack<unknown[]>('log', (store) => store.getAll());
  return new Map(keys.map((key, i) => [JSON.stringify(key), recordSize(values[i])]));
}

/** What records take if these changes are made. */
function sizesAfter(sizes: Sizes, changes: readonly SensorChanges[]): Sizes {
  const after = new Map(sizes);
  for (const { row, deletes, puts } of changes) {
    for (const { from, to } of deletes) {
      for (let id = from; id <= to; id += RECORD_SPAN) after.delete(JSON.stringify([row.sensorId, id]));
    }
    for (const { id, record } of puts) after.set(JSON.stringify([row.sensorId, id]), recordSize(record));
  }
  return after;
}

function recordSize(value: unknown): number {
  const record = parseRecord(value);
  return record ? sizeOf(record) : 0;
}

export interface Lab {
  readonly outbox: Outbox;
  readonly db: FaultyDatabase;
  readonly clock: ManualClock;
}

/** Opens the log that is in the database now, as a process that starts does. */
export async function openLab(
  options: Partial<Pick<DurableOutboxDeps, 'budgetBytes' | 'heldBytes' | 'onChange'>> & {
    readonly clock?: ManualClock;
  } = {},
): Promise<Lab> {
  const clock = options.clock ?? createManualClock();
  const db = await openFaulty();
  const outbox = await openDurableOutbox({ codec: blockCodec, budgetBytes: 2 ** 30, ...options, clock, db });
  return { outbox, db, clock };
}

/** `count` samples of one attribute, 10 ms apart, numbered from `first`. */
export function samples(attribute: string, count: number, first = 0): Block {
  const values = Float32Array.from({ length: count }, (_, i) => first + i);
  return {
    kind: 'numeric',
    attribute,
    times: Float64Array.from(values, (value) => 1_700_000_000_000 + 10 * value),
    values,
  };
}

/** One sample as it left the log. */
export interface Sample {
  readonly id: number;
  readonly seq: number;
  readonly attribute: string;
  readonly value: unknown;
}

/** The samples of entries, one by one. */
export function flatten(entries: readonly OutboxEntry[]): Sample[] {
  return entries.flatMap(({ id, block, firstSeq, samples: count }) =>
    Array.from({ length: count }, (_, i) => ({
      id: id - count + 1 + i,
      seq: firstSeq + i,
      attribute: block.attribute,
      value: block.kind === 'numeric' ? block.values[i] : block.payloads[i],
    })),
  );
}

/** Everything unconfirmed from the start, read in batches. */
export async function readAll(outbox: OutboxPort, sensorId: string, batch = 200): Promise<Sample[]> {
  const out: Sample[] = [];
  let after: number | undefined;
  for (;;) {
    const entries = await outbox.read(sensorId, after, batch);
    const last = entries.at(-1);
    if (!last) return out;
    out.push(...flatten(entries));
    after = last.id;
  }
}

/** Looks into the database, or changes it, behind the log's back. One transaction; resolves to what the request gives. */
export async function behindItsBack<T>(
  store: 'log' | 'counters' | 'aside',
  ask: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const opening = indexedDB.open('sensocto');
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error('not opened'));
  });
  const tx = db.transaction(store, 'readwrite');
  const request = ask(tx.objectStore(store));
  await new Promise((resolve, reject) => {
    tx.oncomplete = resolve;
    tx.onabort = () => reject(tx.error ?? new Error('aborted'));
  });
  db.close();
  return request.result;
}
