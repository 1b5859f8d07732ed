/** A backlog of the app's worker against the gateway, as it is and as the platform's own server: all of it, in any case. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGateway, type RunningGateway } from '../../server/gateway.ts';
import { createLog } from '../../server/log.ts';
import type { StoredMeasurement } from '../../server/ports.ts';
import { openStore } from '../../server/store/store.ts';
import { systemClock } from '../../src/lib/timers.ts';
import { openDatabase } from '../../src/outbox/database.ts';
import { openOutbox } from '../../src/outbox/open-outbox.ts';
import type { Outbox } from '../../src/outbox/ports.ts';
import { blockCodec, installIndexedDb } from '../support/outbox-lab.ts';
import { startWorker, strapTally, TestStrap, type WorkerClient } from '../support/worker-client.ts';

let dataDir: string;
let gateway: RunningGateway | undefined;
let clients: WorkerClient[];

async function start(port: number, stock: boolean): Promise<RunningGateway> {
  const options = { host: '127.0.0.1', port, dataDir, retentionDays: 30, stock };
  gateway = await createGateway(options, createLog({ write: () => undefined }));
  return gateway;
}

beforeEach(async () => {
  installIndexedDb();
  dataDir = await mkdtemp(path.join(tmpdir(), 'client-drain-'));
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.close();
  await gateway?.close();
  vi.unstubAllGlobals();
  await rm(dataDir, { recursive: true, force: true });
});

async function diskLog(): Promise<Outbox> {
  return openOutbox({ database: await openDatabase(), codec: blockCodec, clock: systemClock, budgetBytes: 2 ** 30 });
}

function client(url: string, outbox: Outbox): WorkerClient {
  const made = startWorker(url, 1, outbox);
  clients.push(made);
  return made;
}

const until = (check: () => void, timeout = 20_000): Promise<void> => vi.waitFor(check, { timeout, interval: 20 });

/** What is on the gateway's disk, in order of arrival. */
async function stored(attribute: string): Promise<StoredMeasurement[]> {
  await gateway?.close();
  gateway = undefined;
  const store = openStore(dataDir, { retentionDays: 30 });
  const samples = store.read('strap-1', attribute);
  store.close();
  return samples;
}

/** Payloads by their number, each once. */
function values(samples: readonly StoredMeasurement[]): unknown[] {
  const bySeq = new Map(samples.map(({ payload, extra }) => [Number(extra?.['seq']), payload]));
  return [...bySeq].sort(([a], [b]) => a - b).map(([, payload]) => payload);
}

/** A port that nobody listens on until the test wants. */
async function freePort(stock: boolean): Promise<number> {
  const { port } = await start(0, stock);
  await gateway?.close();
  return port;
}

describe.each([
  ['the gateway', false],
  ['the platform’s own server', true],
])('a backlog on %s', (_name, stock) => {
  it('arrives whole, with its progress told, while new samples come in', { timeout: 40_000 }, async () => {
    const port = await freePort(stock);
    const outbox = await diskLog();
    const owner = client(`http://127.0.0.1:${port}`, outbox);
    await owner.worker.start();
    const strap = new TestStrap(owner, 'strap-1');
    await strap.open();
    strap.beat(1500);
    await until(() => expect(owner.sensor('strap-1')).toMatchObject({ measured: 3000, kept: 3000 }));
    await start(port, stock);
    await owner.worker.retryNow();
    await until(() => expect(owner.sensor('strap-1').channel.at).toBe('joined'));
    strap.beat(5);
    await until(() => expect(owner.sensor('strap-1')).toMatchObject({ kept: 0, confirmed: 3010, setAside: 0 }));
    const told = owner.statuses.flatMap(({ sensors }) => sensors.flatMap(({ drain }) => (drain ? [drain.left] : [])));
    if (stock) expect(told.length).toBeGreaterThan(1);
    expect(told).toEqual([...told].sort((a, b) => b - a));
    expect(owner.sensor('strap-1').drain).toBeUndefined();
    expect(values(await stored('heartrate'))).toEqual(strap.rates);
  });

  it('of an earlier run is sent without the device, and the sensor then leaves', { timeout: 40_000 }, async () => {
    const port = await freePort(stock);
    const url = `http://127.0.0.1:${port}`;
    const before = await diskLog();
    const earlier = client(url, before);
    await earlier.worker.start();
    const strap = new TestStrap(earlier, 'strap-1');
    await strap.open();
    strap.beat(200);
    await until(() => expect(earlier.sensor('strap-1')).toMatchObject({ kept: 400 }));
    // What is shown as kept may not be in the log yet.
    earlier.worker.pageEvent('pagehide');
    earlier.close();
    await before.close();
    const later = client(url, await diskLog());
    await later.worker.start();
    const waiting = [{ sensorId: 'strap-1', name: 'Strap strap-1', kept: 400 }];
    await until(() => expect(later.status()).toMatchObject({ waiting, totals: { kept: 400 } }));
    await start(port, stock);
    await later.worker.retryNow();
    await until(() => expect(later.status()).toMatchObject({ waiting: [], totals: { kept: 0 }, sensors: [] }));
    expect(values(await stored('heartrate'))).toEqual(strap.rates);
    expect(values(await stored('rr_interval'))).toEqual(strap.intervals);
  });
});

describe('a gateway', () => {
  it('that answers receipts proves what it holds, and shows when it lost it', { timeout: 40_000 }, async () => {
    const port = await freePort(false);
    const owner = client((await start(port, false)).url, await diskLog());
    await owner.worker.start();
    const strap = new TestStrap(owner, 'strap-1');
    await strap.open();
    strap.beat(30);
    await until(() => expect(owner.sensor('strap-1')).toMatchObject({ receipt: { count: 60, missing: 0 } }));
    // The disk of the server is replaced by an empty one; with it goes the guest, so a new one is made on the way.
    await gateway?.close();
    await rm(dataDir, { recursive: true, force: true });
    dataDir = await mkdtemp(path.join(tmpdir(), 'client-drain-'));
    strap.beat(30);
    await start(port, false);
    await owner.worker.retryNow();
    await until(() => expect(strapTally(owner.sensor('strap-1'))).toMatchObject({ kept: 0, confirmed: 120 }));
    // What is estimated from a minute of beats came after the disk was replaced.
    await until(() => expect(owner.sensor('strap-1').receipt).toMatchObject({ missing: 60 }));
    expect(values(await stored('heartrate'))).toEqual(strap.rates.slice(30));
  });

  it('as the platform’s own server says nothing about what it holds', async () => {
    const owner = client((await start(0, true)).url, await diskLog());
    await owner.worker.start();
    const strap = new TestStrap(owner, 'strap-1');
    await strap.open();
    strap.beat(30);
    await until(() => expect(owner.sensor('strap-1')).toMatchObject({ kept: 0, confirmed: 60 }));
    expect(owner.sensor('strap-1').receipt).toBeUndefined();
  });
});
