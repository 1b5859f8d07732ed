/** A stranger's client, npm `phoenix` as it is published, against the gateway. */
import { Socket, type Channel } from 'phoenix';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { capabilitiesToWire, GATEWAY_CAPABILITIES } from '../../src/protocol/capabilities.ts';
import { sample, sensorParams } from '../support/raw-client.ts';
import { type SocketsUnderTest, startSockets } from '../support/sockets-under-test.ts';

let gateway: SocketsUnderTest;
let sockets: Socket[] = [];

beforeAll(async () => {
  gateway = await startSockets();
});
afterAll(() => gateway.close());
afterEach(async () => {
  for (const socket of sockets) socket.disconnect();
  sockets = [];
  await expect.poll(() => gateway.sockets.stats().sockets).toBe(0);
});

function connect(): Socket {
  const socket = new Socket(gateway.url.replace('/websocket?vsn=2.0.0', ''), {
    transport: WebSocket,
    reconnectAfterMs: () => 20,
    rejoinAfterMs: () => 20,
    timeout: 2000,
  });
  socket.connect();
  sockets.push(socket);
  return socket;
}

/** The answer to a join or push: status and response. */
function answer(push: ReturnType<Channel['push']>): Promise<[status: string, response: unknown]> {
  return new Promise((resolve) => {
    for (const status of ['ok', 'error', 'timeout'] as const)
      push.receive(status, (response) => resolve([status, response]));
  });
}

/** What a join of a sensor is answered with. */
const ANNOUNCED = capabilitiesToWire(GATEWAY_CAPABILITIES);

async function joinSensor(socket: Socket, id: string, overrides = {}): Promise<Channel> {
  const channel = socket.channel(`sensocto:sensor:${id}`, sensorParams(id, overrides));
  expect(await answer(channel.join())).toEqual(['ok', ANNOUNCED]);
  return channel;
}

describe('npm phoenix', () => {
  it('joins, gets its config, sends batches and confirms them with a ping', async () => {
    const socket = connect();
    const channel = socket.channel('sensocto:sensor:p1', sensorParams('p1'));
    const config = new Promise((resolve) => channel.on('backpressure_config', resolve));
    expect(await answer(channel.join())).toEqual(['ok', ANNOUNCED]);
    expect(await config).toMatchObject({ attention_level: 'none', recommended_batch_size: 20 });
    for (let i = 0; i < 200; i++) {
      const batch = Array.from({ length: 50 }, (_, n) => sample('ecg', (i * 50 + n) / 1000, i * 50 + n));
      // The types say object; a batch is an array on the wire.
      channel.push('measurements_batch', batch);
    }
    expect(await answer(channel.push('ping', { barrier: 1 }))).toEqual(['ok', { barrier: 1 }]);
    expect(gateway.store.read('p1', 'ecg').map((s) => s.timestamp)).toEqual(
      Array.from({ length: 10_000 }, (_, n) => n),
    );
  });

  it('gets errors where there are some, and silence elsewhere', async () => {
    const channel = await joinSensor(connect(), 'p2');
    expect(await answer(channel.push('measurements_batch', [1]))).toEqual([
      'error',
      { reason: 'invalid_batch', failed_count: 1 },
    ]);
    expect((await answer(channel.push('measurement', sample('a', 1), 100)))[0]).toBe('timeout');
    const refused = connect().channel('sensocto:sensor:p3', sensorParams('p3', { bearer_token: 'nobody' }));
    expect(await answer(refused.join())).toEqual(['error', { reason: 'unauthorized' }]);
    refused.leave();
  });

  it('leaves and comes back', async () => {
    const socket = connect();
    const channel = await joinSensor(socket, 'p4');
    const closed = new Promise((resolve) => channel.onClose(resolve));
    expect(await answer(channel.leave())).toEqual(['ok', {}]);
    await closed;
    // phoenix.js calls a channel closed before the server has answered.
    await expect.poll(() => gateway.registry.find('p4', 0)).toBeUndefined();
    await joinSensor(socket, 'p4');
    expect(gateway.registry.find('p4', 0)).toBeDefined();
  });

  it('rejoins by itself after its connection was cut, however fast, and its samples arrive again', async () => {
    const socket = connect();
    const channel = await joinSensor(socket, 'p5');
    for (let round = 0; round < 10; round++) {
      const rejoined = new Promise((resolve) => channel.on('backpressure_config', resolve));
      (socket as unknown as { conn: WebSocket }).conn.terminate();
      await rejoined;
      channel.push('measurement', sample('round', round));
      expect((await answer(channel.push('ping', {})))[0]).toBe('ok');
    }
    expect(gateway.store.read('p5', 'round').map((s) => s.payload)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('streams one sensor over two sockets', async () => {
    const [a, b] = [connect(), connect()];
    const first = await joinSensor(a, 'p6', { sensor_name: 'first' });
    const second = await joinSensor(b, 'p6', { sensor_name: 'second' });
    const heard = new Promise((resolve) => second.on('shout', resolve));
    first.push('shout', { hi: 1 });
    expect(await heard).toEqual({ hi: 1 });
    await answer(first.leave());
    second.push('measurement', sample('a', 1));
    await answer(second.push('ping', {}));
    expect(gateway.registry.find('p6', 0)?.sensor_name).toBe('first');
    expect(gateway.store.read('p6', 'a')).toHaveLength(1);
  });

  it('watches', async () => {
    const source = await joinSensor(connect(), 'p7');
    const attention: string[] = [];
    source.on(
      'backpressure_config',
      (config: { attention_level: string }) => void attention.push(config.attention_level),
    );
    const token = gateway.credentials.mintViewerToken('v', ['p7'], 'high');
    const viewer = connect().channel(`viewer:data:${token}`, {});
    const batches: unknown[] = [];
    viewer.on('sensor_batch', (payload: unknown) => void batches.push(payload));
    expect(await answer(viewer.join())).toEqual(['ok', {}]);
    await expect.poll(() => attention.at(-1)).toBe('high');
    source.push('measurement', sample('heartrate', 64));
    await expect
      .poll(() => batches)
      .toEqual([
        {
          batch: {
            p7: {
              heartrate: { attribute_id: 'heartrate', payload: 64, sensor_id: 'p7', timestamp: 1_706_000_000_000 },
            },
          },
        },
      ]);
    viewer.leave();
    await expect.poll(() => attention.at(-1)).toBe('none');
  });
});
