/** What the gateway offers beyond the stock server: blocks, receipts, order, and nothing of it in stock mode. */
import path from 'node:path';
import Database from 'libsql';
import { Socket, type Channel } from 'phoenix';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Block } from '../../src/model/block.ts';
import { encodeBlocks } from '../../src/protocol/block-sequence.ts';
import { GATEWAY_CAPABILITIES, NO_CAPABILITIES, parseCapabilities } from '../../src/protocol/capabilities.ts';
import { parseReceipt, type Receipt } from '../../src/protocol/receipt.ts';
import { BLOCKS_SAMPLES_MAX } from '../../src/protocol/sensor.ts';
import { parseSensorBatch } from '../../src/protocol/viewer.ts';
import { sample, sensorParams } from '../support/raw-client.ts';
import { type SocketsUnderTest, startSockets } from '../support/sockets-under-test.ts';

let gateway: SocketsUnderTest;
let stock: SocketsUnderTest;
let sockets: Socket[] = [];

beforeAll(async () => {
  [gateway, stock] = await Promise.all([startSockets(), startSockets({ stock: true })]);
});
afterAll(() => Promise.all([gateway.close(), stock.close()]));
afterEach(async () => {
  for (const socket of sockets) socket.disconnect();
  sockets = [];
  await expect.poll(() => gateway.sockets.stats().sockets + stock.sockets.stats().sockets).toBe(0);
});

function connect(to: SocketsUnderTest): Socket {
  const url = to.url.replace('/websocket?vsn=2.0.0', '');
  const socket = new Socket(url, { transport: WebSocket, timeout: 1000, binaryType: 'arraybuffer' } as object);
  socket.connect();
  sockets.push(socket);
  return socket;
}

function answer(push: ReturnType<Channel['push']>): Promise<[status: string, response: unknown]> {
  return new Promise((resolve) => {
    for (const status of ['ok', 'error', 'timeout'] as const)
      push.receive(status, (response) => resolve([status, response]));
  });
}

async function join(to: SocketsUnderTest, id: string): Promise<{ channel: Channel; response: unknown }> {
  const channel = connect(to).channel(`sensocto:sensor:${id}`, sensorParams(id));
  const [status, response] = await answer(channel.join());
  expect(status).toBe('ok');
  return { channel, response };
}

/** Pushes and waits for the barrier: what was refused has been said by then. */
async function push(channel: Channel, event: string, payload: object): Promise<[string, unknown] | 'silence'> {
  let heard: [string, unknown] | 'silence' = 'silence';
  void answer(channel.push(event, payload, 300)).then(([status, response]) => {
    if (status !== 'timeout') heard = [status, response];
  });
  await answer(channel.push('ping', {}));
  return heard;
}

async function receipt(channel: Channel, attributes?: readonly string[]): Promise<Receipt> {
  const [status, response] = await answer(channel.push('receipt', attributes ? { attributes } : {}));
  expect(status).toBe('ok');
  const parsed = parseReceipt(response);
  if (!parsed.ok) throw new Error(parsed.error.detail);
  return parsed.value;
}

const numeric = (attribute: string, times: number[], values: number[]): Block => ({
  ...{ kind: 'numeric', attribute },
  ...{ times: Float64Array.from(times), values: Float32Array.from(values) },
});

describe('blocks', () => {
  it('are taken as an ArrayBuffer of npm phoenix, like the measurements they stand for', async () => {
    const { channel } = await join(gateway, 'b1');
    const motion: Block = { kind: 'structured', attribute: 'imu', times: Float64Array.of(5), payloads: [{ x: 1 }] };
    const bytes = encodeBlocks([
      { block: numeric('ecg', [1000, 1007.7, 1015.4], [0.5, -1, 2]), firstSeq: 10 },
      { block: motion, firstSeq: 0 },
    ]);
    expect(await push(channel, 'blocks', bytes.buffer)).toBe('silence');
    // The same samples again, as JSON: known by their numbers.
    await push(channel, 'measurements_batch', [sample('ecg', 9, 9, { seq: 12 }), sample('ecg', 3, 1023, { seq: 13 })]);
    expect(gateway.store.read('b1', 'ecg').map(({ timestamp, payload, extra }) => [timestamp, payload, extra])).toEqual(
      [
        [1000, 0.5, { seq: 10 }],
        [1008, -1, { seq: 11 }],
        [1015, 2, { seq: 12 }],
        [1023, 3, { seq: 13 }],
      ],
    );
    expect(gateway.store.read('b1', 'imu')).toMatchObject([{ payload: { x: 1 }, timestamp: 5, extra: { seq: 0 } }]);
    expect(gateway.registry.find('b1', 0)?.attributes.map(({ last_value }) => last_value?.payload)).toEqual([
      3,
      { x: 1 },
    ]);
  });

  it('are taken whole or not at all', async () => {
    const { channel } = await join(gateway, 'b2');
    const good = encodeBlocks([{ block: numeric('ecg', [1, 2], [1, 2]), firstSeq: 0 }]);
    const bad = good.slice();
    bad.set([(bad[bad.length - 6] ?? 0) ^ 1], bad.length - 6);
    const refused = (count: number) => ['error', { reason: 'invalid_batch', failed_count: count }];
    const both = Uint8Array.of(...good, ...bad, ...bad);
    expect(await push(channel, 'blocks', both.buffer)).toEqual(refused(2));
    expect(await push(channel, 'blocks', good.subarray(0, 20).slice().buffer)).toEqual(refused(1));
    const never = encodeBlocks([{ block: numeric('ecg', [NaN], [1]), firstSeq: 5 }]);
    expect(await push(channel, 'blocks', never.buffer)).toEqual(refused(1));
    const times = Array.from({ length: BLOCKS_SAMPLES_MAX + 1 }, (_, i) => i);
    const huge = encodeBlocks([{ block: numeric('ecg', times, times.fill(0)), firstSeq: 0 }]);
    expect(await push(channel, 'blocks', huge.buffer)).toEqual(refused(1));
    // JSON where bytes belong: the client must not believe it sent something.
    expect(await push(channel, 'blocks', { 0: 249 })).toEqual(refused(1));
    expect(gateway.store.read('b2', 'ecg')).toEqual([]);
    expect(await push(channel, 'blocks', good.buffer)).toBe('silence');
    expect(await push(channel, 'blocks', new ArrayBuffer(0))).toBe('silence');
    expect(gateway.store.read('b2', 'ecg')).toHaveLength(2);
  });
});

describe('a receipt', () => {
  it('says what is held, by number, and what of it is on disk', async () => {
    const { channel } = await join(gateway, 'r1');
    const batch = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => sample('ecg', i, from + i, { seq: from + i }));
    await push(channel, 'measurements_batch', batch(0, 100));
    channel.push('measurements_batch', [...batch(200, 250), sample('hr', 60)]);
    const ranges = [
      [0, 99],
      [200, 249],
    ];
    expect(await receipt(channel)).toEqual({
      attributes: { ecg: { count: 150, durable: 100, ranges }, hr: { count: 0, durable: 0, ranges: [] } },
    });
    // The answer to a ping means: on disk.
    await answer(channel.push('ping', {}));
    expect(await receipt(channel, ['ecg', 'never', 'b a d'])).toEqual({
      attributes: { ecg: { count: 150, durable: 150, ranges }, never: { count: 0, durable: 0, ranges: [] } },
    });
  });

  it('and a ping tell of a disk that refuses', async () => {
    const { channel } = await join(gateway, 'r3');
    const other = new Database(path.join(gateway.dir, 'sensocto.db'));
    other.exec('BEGIN IMMEDIATE');
    channel.push('measurement', sample('ecg', 1, 1, { seq: 0 }));
    const patient = { ping: channel.push('ping', {}, 20_000), receipt: channel.push('receipt', {}, 20_000) };
    expect(await answer(patient.ping)).toEqual(['error', { reason: 'not_stored' }]);
    expect(await answer(patient.receipt)).toMatchObject(['ok', { attributes: { ecg: { count: 1, durable: 0 } } }]);
    other.exec('ROLLBACK');
    other.close();
    expect(await answer(channel.push('ping', {}))).toEqual(['ok', {}]);
  });

  it('with more than 1000 gaps keeps the newest and says so', async () => {
    const { channel } = await join(gateway, 'r2');
    const batch = Array.from({ length: 1500 }, (_, i) => sample('ecg', i, i, { seq: i * 2 }));
    await push(channel, 'measurements_batch', batch);
    const { ecg } = (await receipt(channel)).attributes;
    expect(ecg).toMatchObject({ count: 1500, truncated: true });
    expect(ecg?.ranges).toHaveLength(1000);
    expect(ecg?.ranges.at(-1)).toEqual([2998, 2998]);
  });
});

describe('samples from before the newest', () => {
  it('reach viewers of waveforms, marked, are stored, and are never the latest of anything', async () => {
    const { channel } = await join(gateway, 'o1');
    const token = gateway.credentials.mintViewerToken('v', ['o1'], 'high');
    const viewer = connect(gateway).channel(`viewer:data:${token}`, {});
    const batches: unknown[] = [];
    viewer.on('sensor_batch', (payload: unknown) => void batches.push(payload));
    await answer(viewer.join());
    const send = async (seqs: readonly number[]) => {
      const both = seqs.flatMap((seq) => ['ecg', 'hr'].map((id) => sample(id, seq, 1000 + seq, { seq })));
      await push(channel, 'measurements_batch', both);
    };
    const seen = (id: string) =>
      batches.flatMap((batch) => parseSensorBatch(batch).samples.flatMap((s) => (s.attribute === id ? [s.seq] : [])));
    await send([50, 51]);
    await expect.poll(() => seen('ecg')).toEqual([50, 51]);
    await send([0, 1, 2]);
    await expect.poll(() => seen('ecg')).toEqual([50, 51, 0, 1, 2]);
    await send([52]);
    await expect.poll(() => seen('ecg')).toEqual([50, 51, 0, 1, 2, 52]);
    expect(seen('hr')).toEqual([51, 52]);
    const marks = JSON.stringify(batches).match(/"late":true/g);
    expect(marks).toHaveLength(3);
    expect(gateway.store.read('o1', 'hr').map((s) => s.extra)).toEqual([50, 51, 0, 1, 2, 52].map((seq) => ({ seq })));
    expect(gateway.registry.find('o1', 0)?.attributes.map((a) => a.last_value?.payload)).toEqual([52, 52]);
  });
});

describe('stock mode', () => {
  it('announces nothing, knows no further events, and takes repeats and old samples as they come', async () => {
    expect(parseCapabilities((await join(gateway, 'x')).response)).toEqual(GATEWAY_CAPABILITIES);
    const { channel, response } = await join(stock, 's1');
    expect(response).toEqual({});
    expect(parseCapabilities(response)).toEqual(NO_CAPABILITIES);
    const blocks = encodeBlocks([{ block: numeric('ecg', [1], [1]), firstSeq: 0 }]);
    expect(await push(channel, 'blocks', blocks.buffer)).toBe('silence');
    expect(await push(channel, 'receipt', {})).toBe('silence');
    for (const seq of [5, 5, 4]) await push(channel, 'measurement', sample('ecg', seq, seq, { seq }));
    expect(stock.store.read('s1', 'ecg').map((s) => s.payload)).toEqual([5, 5, 4]);
    expect(stock.registry.find('s1', 0)?.attributes[0]?.last_value?.payload).toBe(4);
  });
});
