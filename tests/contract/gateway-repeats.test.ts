/** The gateway killed in the middle of a stream, and everything sent again: what is stored is what was measured. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeBlocks } from '../../src/protocol/block-sequence.ts';
import { historyPath, storedPath } from '../../src/protocol/history.ts';
import { openStore } from '../../server/store/store.ts';
import type { NumericBlock } from '../../src/model/block.ts';
import { type GatewayChild, startChild } from '../support/gateway-child.ts';
import { bundleForNode } from '../support/node-bundle.ts';
import { RawClient, sample, sensorParams } from '../support/raw-client.ts';

const SENSOR = 'strap';
const T = `sensocto:sensor:${SENSOR}`;
const COUNT = 12_000;
const BATCH = 60;
const START = 1_706_000_000_000;

let program: string;
let dataDir: string;
let gateway: GatewayChild;

beforeAll(async () => {
  program = await bundleForNode('server/main.ts');
  dataDir = mkdtempSync(join(tmpdir(), 'repeats-'));
});
afterAll(async () => {
  await gateway.kill();
  rmSync(dataDir, { recursive: true });
  rmSync(dirname(program), { recursive: true });
});

const value = (seq: number) => Math.fround(Math.sin(seq / 9));

/** Frame number `n` of the stream: every other one as JSON, every other one as a block. */
function frame(n: number): string | Buffer {
  const first = n * BATCH;
  const times = Array.from({ length: BATCH }, (_, i) => START + (first + i) * 8);
  if (n % 2 === 0) {
    const batch = times.map((time, i) => sample('ecg', value(first + i), time, { seq: first + i }));
    return JSON.stringify(['1', null, T, 'measurements_batch', batch]);
  }
  const values = Float32Array.from(times, (_, i) => value(first + i));
  const block: NumericBlock = { kind: 'numeric', attribute: 'ecg', times: Float64Array.from(times), values };
  return binaryPush('1', '', T, 'blocks', encodeBlocks([{ block, firstSeq: first }]));
}

/** A binary V2 push as it is on the wire. */
function binaryPush(joinRef: string, ref: string, topic: string, event: string, data: Uint8Array): Buffer {
  const parts = [joinRef, ref, topic, event].map((text) => Buffer.from(text));
  return Buffer.concat([Uint8Array.of(0, ...parts.map((part) => part.length)), ...parts, data]);
}

async function connect(): Promise<RawClient> {
  const client = await RawClient.open(`${gateway.url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`);
  await client.join(T, sensorParams(SENSOR));
  return client;
}

async function get(path: string): Promise<unknown> {
  const response = await fetch(gateway.url + path, { headers: { authorization: 'Bearer missing' } });
  expect(response.status).toBe(200);
  return response.json();
}

async function history(): Promise<unknown[]> {
  const samples: unknown[] = [];
  let cursor: string | undefined;
  do {
    const request = { attribute: 'ecg', limit: 5000, ...(cursor !== undefined && { cursor }) };
    const page = (await get(historyPath(SENSOR, request))) as { samples: unknown[]; next_cursor: string | null };
    samples.push(...page.samples);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return samples;
}

/** Waits for the barrier behind frame `n`; returns the samples it confirms. */
async function ping(client: RawClient, n: number): Promise<number> {
  client.send(['1', 'barrier', T, 'ping', {}]);
  expect(await client.settled()).toEqual([['1', 'barrier', T, 'phx_reply', { status: 'ok', response: {} }]]);
  return (n + 1) * BATCH;
}

/** What a ping has confirmed is on disk, although the process was killed at once. */
function checkConfirmed(count: number): void {
  const store = openStore(dataDir, { retentionDays: 36_500 });
  const seqs = store.read(SENSOR, 'ecg').map(({ extra }) => extra?.['seq']);
  store.close();
  expect(seqs.slice(0, count)).toEqual(Array.from({ length: count }, (_, i) => i));
}

it('is identical to what was sent, with no repeats', { timeout: 60_000 }, async () => {
  const frames = Array.from({ length: COUNT / BATCH }, (_, n) => frame(n));
  let confirmed = 0;
  for (let life = 0; life < 3; life++) {
    gateway = await startChild(program, dataDir);
    const client = await connect();
    // Each life begins again at the start, with the newest first in the second, and is killed somewhere on the way.
    const order = life === 1 ? frames.toReversed() : frames;
    const stopAt = Math.floor(frames.length * (0.5 + life * 0.15));
    for (const [n, data] of order.slice(0, stopAt).entries()) {
      client.ws.send(data, { binary: typeof data !== 'string' });
      // In the first life pings confirm what came before; it is killed with more than that on its way.
      if (life === 0 && n === 40) confirmed = await ping(client, n);
    }
    await client.settled();
    await gateway.kill();
    if (life === 0) checkConfirmed(confirmed);
  }
  gateway = await startChild(program, dataDir);
  const client = await connect();
  const { attributes } = (await get(storedPath(SENSOR))) as { attributes: { ecg?: { count: number } } };
  const lost = COUNT - (attributes.ecg?.count ?? 0);
  // Otherwise nothing below proves anything.
  expect(lost).toBeGreaterThan(0);
  expect(lost).toBeLessThan(COUNT);
  for (let round = 0; round < 2; round++) {
    for (const data of frames) client.ws.send(data, { binary: typeof data !== 'string' });
    expect(await client.settled()).toEqual([]);
  }
  await ping(client, 0);
  expect(await get(storedPath(SENSOR))).toEqual({
    sensor_id: SENSOR,
    attributes: {
      ecg: { count: COUNT, first: START, last: START + (COUNT - 1) * 8, seq_ranges: [[0, COUNT - 1]] },
    },
  });
  expect(await history()).toEqual(
    Array.from({ length: COUNT }, (_, seq) => ({ timestamp: START + seq * 8, payload: value(seq), seq })),
  );
  client.send(['1', '9', T, 'receipt', {}]);
  const ecg = { count: COUNT, durable: COUNT, ranges: [[0, COUNT - 1]] };
  const [receipt] = await client.settled();
  expect(receipt).toEqual(['1', '9', T, 'phx_reply', { status: 'ok', response: { attributes: { ecg } } }]);
  await client.close();
});
