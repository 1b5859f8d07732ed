/** Skeletons from one installation's pose worker to another one's screen, through the gateway and its store. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createGateway, type RunningGateway } from '../../server/gateway.ts';
import { createLog } from '../../server/log.ts';
import { openStore } from '../../server/store/store.ts';
import { skeletonShape } from '../../src/model/payloads.ts';
import { SKELETON_RING } from '../../src/model/pose.ts';
import { ok } from '../../src/model/result.ts';
import { HistoryPage, historyPath } from '../../src/protocol/history.ts';
import { EVENT } from '../../src/protocol/sensor.ts';
import { PortFeeds } from '../../workers/sensor/port-feeds.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { RawClient, sensorParams } from '../support/raw-client.ts';
import { inBlocks, skeletonMotion } from '../support/skeleton-motion.ts';
import { FIRST_SEQ, startWorker, type WorkerClient } from '../support/worker-client.ts';

const SENSOR = 'camera-1';
const REGISTRATION = { attribute: 'skeleton', attributeType: 'skeleton', samplingRate: 30, ring: SKELETON_RING };
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 15_000, interval: 20 });

let dataDir: string;
let gateway: RunningGateway;
let clients: WorkerClient[];

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'skeletons-'));
  gateway = await createGateway(
    { host: '127.0.0.1', port: 0, dataDir, retentionDays: 30 },
    createLog({ write: () => undefined }),
  );
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.close();
  await gateway.close();
  await rm(dataDir, { recursive: true, force: true });
});

function client(): WorkerClient {
  const made = startWorker(gateway.url, clients.length + 1);
  clients.push(made);
  return made;
}

async function watching(): Promise<WorkerClient> {
  const viewer = client();
  await viewer.worker.start();
  await viewer.worker.watch(true, 'high');
  await viewer.worker.setVisibleSensors([SENSOR]);
  await until(() => expect(viewer.status().watch).toEqual({ at: 'live' }));
  return viewer;
}

async function camera(): Promise<{ owner: WorkerClient; post: MessagePort }> {
  const owner = client();
  await owner.worker.start();
  const descriptor = { sensorId: SENSOR, name: 'Camera', sensorType: 'pose', demo: true };
  expect(await owner.worker.openSensor(descriptor)).toEqual(ok(undefined));
  await until(() => expect(owner.sensor(SENSOR).channel).toEqual({ at: 'joined' }));
  const { port1, port2 } = new MessageChannel();
  new PortFeeds(createManualClock()).plug(owner.worker, SENSOR, port2);
  return { owner, post: port1 };
}

describe('skeletons', () => {
  it('go as blocks, arrive at a watcher as points, and are stored and given back as the objects they were', async () => {
    const sends = vi.spyOn(WebSocket.prototype, 'send');
    const { owner, post } = await camera();
    const viewer = await watching();
    const motion = skeletonMotion(60, { start: Date.now() });
    const recent = Float64Array.from(motion.times, (time) => time - 2000);
    for (const { times, payloads } of inBlocks({ ...motion, times: recent }, 10)) {
      const timing = { kind: 'host', times } as const;
      post.postMessage({
        ...{ arrival: Date.now(), attributes: [REGISTRATION] },
        readings: [{ kind: 'structured', attribute: 'skeleton', payloads, timing }],
      });
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await until(() => expect(owner.sensor(SENSOR)).toMatchObject({ measured: 60, kept: 0, confirmed: 60, evicted: 0 }));

    // Binary frames only, and small ones.
    const frames = sends.mock.calls.map(([data]) => data);
    const blocks = frames.filter((data): data is ArrayBuffer => data instanceof ArrayBuffer);
    expect(frames.filter((data) => typeof data === 'string' && data.includes(EVENT.batch))).toEqual([]);
    const bytes = blocks.reduce((sum, data) => sum + data.byteLength, 0);
    expect(bytes / 60).toBeLessThan(150);

    const all = motion.payloads.map((payload) => skeletonShape(payload));
    await until(() => expect(viewer.skeletons.at(-1)).toMatchObject(all.at(-1) ?? {}));
    for (const { aspect, points, origin, attribute } of viewer.skeletons) {
      expect([origin, attribute]).toEqual(['watched', 'skeleton']);
      expect(all).toContainEqual({ aspect, points });
    }
    expect(owner.skeletons.at(-1)).toMatchObject({ origin: 'own', ...all.at(-1) });
    expect(viewer.status().unreadable).toBe(0);

    const history = await fetch(gateway.url + historyPath(SENSOR, { attribute: 'skeleton' }), {
      headers: { authorization: `Bearer ${await guest()}` },
    });
    const { samples } = (await history.json()) as { samples: { payload: unknown; seq: number }[] };
    expect(samples.map(({ payload }) => payload)).toEqual(motion.payloads);
    expect(samples.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, i) => FIRST_SEQ + i));
    post.close();
    sends.mockRestore();
  });

  it('are one on the server for whoever comes later, and all in its store', async () => {
    const { owner, post } = await camera();
    const motion = skeletonMotion(30, { start: Date.now() - 1000 });
    post.postMessage({
      ...{ arrival: Date.now(), attributes: [REGISTRATION] },
      readings: [
        {
          ...{ kind: 'structured', attribute: 'skeleton', payloads: motion.payloads },
          timing: { kind: 'host', times: motion.times },
        },
      ],
    });
    await until(() => expect(owner.sensor(SENSOR)).toMatchObject({ confirmed: 30 }));
    const viewer = await watching();
    const newest = skeletonShape(motion.payloads.at(-1) ?? null);
    await until(() => expect(viewer.skeletons.map(({ aspect, points }) => ({ aspect, points }))).toEqual([newest]));
    post.close();
    for (const one of clients.splice(0)) one.close();
    await gateway.close();
    const store = openStore(dataDir, { retentionDays: 30 });
    expect(store.read(SENSOR, 'skeleton').map(({ payload }) => payload)).toEqual(motion.payloads);
    store.close();
  });
});

describe('the gateway', () => {
  /** All pages, one after the other. */
  async function paged(limit: number): Promise<{ samples: unknown[]; pages: number }> {
    const samples: unknown[] = [];
    const headers = { authorization: `Bearer ${await guest()}` };
    let cursor: string | null = null;
    let pages = 0;
    do {
      const request: string = historyPath(SENSOR, { attribute: 'skeleton', limit, ...(cursor !== null && { cursor }) });
      const answer = await fetch(gateway.url + request, { headers });
      const page: HistoryPage = v.parse(HistoryPage, await answer.json());
      samples.push(...page.samples);
      cursor = page.next_cursor;
      pages += 1;
    } while (cursor !== null);
    return { samples, pages };
  }

  it('keeps skeletons in few bytes and gives back every one, among payloads of other forms, after a restart too', async () => {
    const sender = await RawClient.open(`${gateway.url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`);
    const topic = `sensocto:sensor:${SENSOR}`;
    await sender.join(topic, sensorParams(SENSOR));
    const payloads: unknown[] = [...skeletonMotion(900, { from: 4 }).payloads];
    payloads[100] = 'nobody';
    payloads[400] = { mode: 'full', landmarks: [] };
    payloads[700] = { landmarks: [{ x: 0.12345, y: 1e9 }], deep: [[{ x: 1 }]] };
    const start = Date.now() - 60_000;
    const sent = payloads.map((payload, i) => ({ payload, timestamp: start + i * 33, seq: FIRST_SEQ + i }));
    for (let at = 0; at < sent.length; at += 30) {
      const batch = sent.slice(at, at + 30).map((one) => ({ attribute_id: 'skeleton', ...one }));
      sender.send(['1', null, topic, 'measurements_batch', batch]);
    }
    expect(await sender.settled()).toEqual([]);
    expect(await paged(70)).toEqual({ samples: sent, pages: 13 });
    await sender.close();
    await gateway.close();
    gateway = await createGateway(
      { host: '127.0.0.1', port: 0, dataDir, retentionDays: 30 },
      createLog({ write: () => undefined }),
    );
    expect(await paged(1000)).toEqual({ samples: sent, pages: 1 });
    const db = new Database(path.join(dataDir, 'sensocto.db'));
    const [small] = db
      .prepare(
        `SELECT sum(length(data)) AS bytes, sum(samples) AS samples FROM segments WHERE substr(data, 1, 1) = x'02'`,
      )
      .all() as { bytes: number; samples: number }[];
    db.close();
    expect(small?.samples).toBeGreaterThan(400);
    expect((small?.bytes ?? 0) / (small?.samples ?? 0)).toBeLessThan(80);
  });
});

async function guest(): Promise<string> {
  const minted = await fetch(`${gateway.url}/api/guests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ display_name: 'Reader' }),
  });
  const { bearer_token } = (await minted.json()) as { bearer_token: string };
  return bearer_token;
}
