/** The app's sensor worker against the gateway: every sample from a strap's bytes to the store on disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGateway, type RunningGateway } from '../../server/gateway.ts';
import { createLog } from '../../server/log.ts';
import type { StoredMeasurement } from '../../server/ports.ts';
import { openStore } from '../../server/store/store.ts';
import { TcpProxy } from '../support/tcp-proxy.mjs';
import { FIRST_SEQ, startWorker, strapTally, TestStrap, type WorkerClient } from '../support/worker-client.ts';

let dataDir: string;
let gateway: RunningGateway;
let clients: WorkerClient[];

const start = (port = 0): Promise<RunningGateway> =>
  createGateway({ host: '127.0.0.1', port, dataDir, retentionDays: 30 }, createLog({ write: () => undefined }));

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'client-gateway-'));
  gateway = await start();
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.close();
  await gateway.close();
  await rm(dataDir, { recursive: true, force: true });
});

function client(url = gateway.url, tag = clients.length + 1): WorkerClient {
  const made = startWorker(url, tag);
  clients.push(made);
  return made;
}

async function strap(owner: WorkerClient, sensorId = 'strap-1', demo = false): Promise<TestStrap> {
  const made = new TestStrap(owner, sensorId, demo);
  await owner.worker.start();
  await made.open();
  return made;
}

const until = (check: () => void, timeout = 15_000): Promise<void> => vi.waitFor(check, { timeout, interval: 20 });

async function joined(owner: WorkerClient, sensorId = 'strap-1'): Promise<void> {
  await until(() => expect(owner.sensor(sensorId).channel).toEqual({ at: 'joined' }));
}

/** Looks closely, as a viewer does who watches one sensor: its attention becomes high. */
async function watched(sensorId = 'strap-1'): Promise<WorkerClient> {
  const viewer = client();
  await viewer.worker.start();
  await viewer.worker.watch(true, 'high');
  await viewer.worker.setVisibleSensors([sensorId]);
  await until(() => expect(viewer.status().watch).toEqual({ at: 'live' }));
  return viewer;
}

async function confirmed(owner: WorkerClient, { descriptor, samples }: TestStrap): Promise<void> {
  await until(() =>
    expect(strapTally(owner.sensor(descriptor.sensorId))).toEqual({
      measured: samples,
      confirmed: samples,
      kept: 0,
      setAside: 0,
    }),
  );
}

/** What is on disk once the gateway has stopped. */
async function stored(sensorId = 'strap-1'): Promise<Record<'heartrate' | 'rr_interval', StoredMeasurement[]>> {
  await gateway.close();
  const store = openStore(dataDir, { retentionDays: 30 });
  const [heartrate, rr] = [store.read(sensorId, 'heartrate'), store.read(sensorId, 'rr_interval')];
  store.close();
  return { heartrate, rr_interval: rr };
}

/** Payloads by sequence number; a sample that was sent again must be the same. */
function bySeq(samples: readonly StoredMeasurement[]): unknown[] {
  const out: unknown[] = [];
  for (const { payload, extra } of samples) {
    const at = Number(extra?.['seq']) - FIRST_SEQ;
    if (at in out) expect(out[at]).toEqual(payload);
    out[at] = payload;
  }
  return out;
}

async function expectComplete({ descriptor, rates, intervals }: TestStrap): Promise<void> {
  const { heartrate, rr_interval } = await stored(descriptor.sensorId);
  expect(bySeq(heartrate)).toEqual(rates);
  expect(bySeq(rr_interval)).toEqual(intervals);
}

describe('a strap that streams', () => {
  it('has every sample confirmed and on disk, once, in order, as measured', async () => {
    const owner = client();
    const one = await strap(owner);
    await joined(owner);
    await watched();
    for (let i = 0; i < 30; i++) {
      one.beat(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await confirmed(owner, one);
    const { heartrate, rr_interval } = await stored();
    expect(heartrate.map((sample) => sample.payload)).toEqual(one.rates);
    expect(rr_interval.map((sample) => sample.payload)).toEqual(one.intervals);
    const seqs = heartrate.map((sample) => sample.extra?.['seq']);
    expect(seqs).toEqual(one.rates.map((_, i) => FIRST_SEQ + i));
    const times = heartrate.map((sample) => sample.timestamp as number);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('has medium attention on a screen among others, high when somebody looks closely, none when they are gone', async () => {
    const owner = client();
    await strap(owner);
    await joined(owner);
    const viewer = client();
    await viewer.worker.start();
    await viewer.worker.watch(true, 'high');
    await viewer.worker.setVisibleSensors(['strap-1', 'another']);
    await until(() => expect(owner.sensor('strap-1').attention).toBe('medium'));
    await viewer.worker.focusSensors(['strap-1']);
    await until(() => expect(owner.sensor('strap-1').attention).toBe('high'));
    await viewer.worker.focusSensors([]);
    await until(() => expect(owner.sensor('strap-1').attention).toBe('medium'));
    await viewer.worker.watch(false, 'high');
    await until(() => expect(owner.sensor('strap-1').attention).toBe('none'));
  });

  it('waits for the batch window while nobody looks, and does not while somebody does', async () => {
    const owner = client();
    const one = await strap(owner);
    await joined(owner);
    await until(() => expect(owner.sensor('strap-1').attention).toBe('none'));
    one.beat(1);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(owner.sensor('strap-1')).toMatchObject({ kept: 2, confirmed: 0 });
    await watched();
    await until(() => expect(owner.sensor('strap-1').attention).not.toBe('none'));
    await until(() => expect(owner.sensor('strap-1')).toMatchObject({ kept: 0, confirmed: 2 }), 3000);
  });

  it('is seen by a watcher: in the list with its name and as a demo, and its values live', async () => {
    const owner = client();
    const one = await strap(owner, 'strap-1', true);
    await owner.worker.setConnectorName('Tablet 7');
    await joined(owner);
    const viewer = await watched();
    one.beat(1);
    await until(() => {
      const [found] = viewer.status().watched;
      expect(found).toMatchObject({
        ...{ sensorId: 'strap-1', name: 'Strap strap-1', connectorName: 'Tablet 7', demo: true },
        sensorType: 'heart_rate_strap',
      });
      expect(found?.attributes.map(({ attribute }) => attribute)).toEqual(
        expect.arrayContaining(['heartrate', 'rr_interval']),
      );
    });
    await until(() => {
      const message = viewer.live.find((entry) => entry.attribute === 'heartrate');
      expect(message).toMatchObject({ origin: 'watched', sensorId: 'strap-1' });
      expect(message?.values.at(-1)).toBe(one.rates[0]);
    });
    await owner.worker.setConnectorName('Tablet 8');
    await until(() => expect(viewer.status().watched[0]?.connectorName).toBe('Tablet 8'));
    await owner.worker.closeSensor('strap-1');
    await until(() => expect(viewer.status().watched).toEqual([]));
    expect(viewer.status().unreadable).toBe(0);
  });

  it('stopped and started at once goes on, and nothing of either part is lost', async () => {
    const owner = client();
    const one = await strap(owner);
    await joined(owner);
    one.beat(3);
    const closed = owner.worker.closeSensor('strap-1');
    const opened = one.open();
    await Promise.all([closed, opened]);
    one.beat(3);
    await joined(owner);
    await watched();
    await until(() => expect(owner.sensor('strap-1')).toMatchObject({ kept: 0 }));
    await expectComplete(one);
  });
});

describe('a server that goes away', () => {
  it('and comes back with its store: nothing lost, whatever was measured meanwhile', async () => {
    const owner = client();
    const one = await strap(owner);
    await joined(owner);
    one.beat(5);
    const { port } = gateway;
    await gateway.close();
    await until(() => expect(owner.status().connection.at).toBe('reconnecting'));
    one.beat(20);
    await until(() => expect(owner.sensor('strap-1')).toMatchObject({ measured: one.samples, kept: one.samples }));
    gateway = await start(port);
    await owner.worker.retryNow();
    await joined(owner);
    one.beat(5);
    await watched();
    await confirmed(owner, one);
    await expectComplete(one);
  });

  it('by a network that cuts connections again and again: nothing lost', async () => {
    const proxy = new TcpProxy(gateway.port);
    await proxy.open();
    const owner = client(proxy.url);
    const one = await strap(owner);
    await joined(owner);
    await watched();
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 10; i++) {
        one.beat(1);
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
      proxy.cut();
      one.beat(2);
      await until(() => expect(owner.status().connection.at).toBe('connected'));
      await joined(owner);
    }
    await confirmed(owner, one);
    await expectComplete(one);
    await proxy.close();
  });

  it('joins again not sooner than a quarter second after the drop', async () => {
    const proxy = new TcpProxy(gateway.port);
    await proxy.open();
    const owner = client(proxy.url);
    await strap(owner);
    await joined(owner);
    const cutAt = Date.now();
    proxy.cut();
    await until(() => expect(owner.sensor('strap-1').channel.at).not.toBe('joined'));
    owner.worker.pageEvent('visible');
    owner.worker.pageEvent('online');
    await joined(owner);
    expect(Date.now() - cutAt).toBeGreaterThanOrEqual(250);
    await proxy.close();
  });

  it('before it was ever there: measuring starts all the same', async () => {
    const { port } = gateway;
    await gateway.close();
    const owner = client(`http://127.0.0.1:${port}`);
    const one = await strap(owner);
    one.beat(4);
    await until(() => expect(owner.sensor('strap-1')).toMatchObject({ measured: 8, kept: 8 }));
    expect(owner.live.length).toBeGreaterThan(0);
    gateway = await start(port);
    await owner.worker.retryNow();
    await joined(owner);
    await watched();
    await confirmed(owner, one);
    await expectComplete(one);
  });
});

describe('a credential', () => {
  it('the server refuses stops everything and asks; one it accepts sends what was kept', async () => {
    const owner = client();
    await owner.worker.start();
    expect(await owner.worker.useAccessToken('guest:nobody:wrong')).toMatchObject({ ok: true });
    const one = await strap(owner);
    await until(() =>
      expect(owner.status().connection).toEqual({ at: 'refused', error: { code: 'server-unauthorized' } }),
    );
    one.beat(3);
    await until(() => expect(owner.sensor('strap-1')).toMatchObject({ kept: 6, channel: { at: 'refused' } }));
    const minted = await fetch(`${gateway.url}/api/guests`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"display_name":"Ada"}',
    });
    const guest = (await minted.json()) as { readonly bearer_token: string };
    await owner.worker.useAccessToken(guest.bearer_token);
    await joined(owner);
    expect(owner.status().connection).toEqual({ at: 'connected' });
    await watched();
    await confirmed(owner, one);
    await expectComplete(one);
  });
});

describe('watching', () => {
  it('off and on again at once works', async () => {
    const owner = client();
    const one = await strap(owner);
    await joined(owner);
    const viewer = await watched();
    await viewer.worker.watch(false, 'high');
    await viewer.worker.watch(true, 'high');
    await until(() => expect(viewer.status().watch).toEqual({ at: 'live' }));
    await until(() => expect(viewer.status().watched).toHaveLength(1));
    viewer.live.length = 0;
    one.beat(1);
    await until(() => expect(viewer.live.length).toBeGreaterThan(0));
    await viewer.worker.watch(false, 'high');
    await until(() => expect(viewer.status()).toMatchObject({ watch: { at: 'off' }, watched: [] }));
  });
});
