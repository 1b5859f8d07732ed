/** Sockets as such: what ends one, binary frames, the handshake, idleness, stopping, and two sockets on one sensor. */
import http from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RawClient, reply, sample, sensorParams } from '../support/raw-client.ts';
import { type SocketsUnderTest, startSockets } from '../support/sockets-under-test.ts';

let gateway: SocketsUnderTest;
let clients: RawClient[] = [];
const T = 'sensocto:sensor:x';

beforeAll(async () => {
  gateway = await startSockets({ stock: true });
});
afterAll(() => gateway.close());
afterEach(async () => {
  for (const client of clients) await client.close();
  clients = [];
});

async function open(url = gateway.url): Promise<RawClient> {
  const client = await RawClient.open(url);
  clients.push(client);
  return client;
}

async function joined(params: Record<string, unknown> = sensorParams('x'), topic = T): Promise<RawClient> {
  const client = await open();
  expect((await client.join(topic, params))[0]).toEqual(reply('1', '1', topic, 'ok', {}));
  return client;
}

describe('frames that end a socket, and only that one', () => {
  it.each(['not json', '{"topic":"x"}', '[1,2,3]', '[]', '', '"text"', 'null', '['.repeat(5000) + ']'.repeat(5000)])(
    'text %.20s: 1011',
    async (text) => {
      const bystander = await joined();
      const client = await open();
      client.ws.send(text);
      expect(await client.closeCode()).toBe(1011);
      bystander.send(['1', '2', T, 'ping', {}]);
      expect(await bystander.settled()).toEqual([reply('1', '2', T, 'ok', {})]);
    },
  );

  it.each([[], [9, 9, 9], [0, 200, 1, 1, 1, 65], [1, 1, 1, 1, 1, 65, 65, 65, 65], [0, 1, 0, 0, 0, 0xff]])(
    'bytes %j: 1011',
    async (...bytes) => {
      const client = await open();
      client.ws.send(Uint8Array.from(bytes.flat()));
      expect(await client.closeCode()).toBe(1011);
    },
  );

  it('over 1 MB: 1009; just under: echoed', async () => {
    const client = await joined();
    client.send(['1', '2', T, 'ping', 'x'.repeat(1_000_000)]);
    expect(await client.settled()).toHaveLength(1);
    client.ws.send('x'.repeat(2 ** 20 + 1));
    expect(await client.closeCode()).toBe(1009);
  });

  it('a malformed frame ends the sensors of its socket at once', async () => {
    const client = await joined(sensorParams('gone'), 'sensocto:sensor:gone');
    expect(gateway.registry.find('gone', 0)).toBeDefined();
    client.ws.send('{');
    await client.closeCode();
    expect(gateway.registry.find('gone', 0)).toBeUndefined();
  });
});

describe('binary frames', () => {
  function push(joinRef: string, ref: string, topic: string, event: string, data: number[]): Uint8Array {
    const parts = [joinRef, ref, topic, event].map((part) => Buffer.from(part));
    return Buffer.concat([Uint8Array.of(0, ...parts.map((part) => part.length)), ...parts, Uint8Array.from(data)]);
  }

  it('ping is echoed as a binary reply; a measurement is ignored', async () => {
    const client = await joined();
    client.ws.send(push('1', '2', T, 'measurement', [1, 2]));
    client.ws.send(push('1', '3', T, 'ping', [9, 8, 7]));
    expect(await client.settled()).toEqual([]);
    const head = Buffer.from(`\u0001\u0001\u0001${String.fromCharCode(T.length)}\u000213${T}ok`, 'latin1');
    expect(client.binary).toEqual([Buffer.concat([head, Uint8Array.of(9, 8, 7)])]);
  });

  it('a join with bytes is refused', async () => {
    const client = await open();
    client.ws.send(push('1', '1', T, 'phx_join', [1]));
    expect(await client.settled()).toEqual([reply('1', '1', T, 'error', { reason: 'join crashed' })]);
  });
});

describe('handshake', () => {
  const base = () => gateway.url.split('?')[0] ?? '';

  async function status(url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
    const request = http.request(url.replace('ws:', 'http:'), {
      headers: {
        ...{ connection: 'Upgrade', upgrade: 'websocket' },
        ...{ 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
        ...headers,
      },
    });
    return new Promise((resolve, reject) => {
      request.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve({ status: response.statusCode ?? 0, body: '' });
      });
      request.on('response', (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      });
      request.on('error', reject);
      request.end();
    });
  }

  it('versions', async () => {
    for (const vsn of ['?vsn=2.0.0', '?vsn=1.0.0', '', '?vsn=2.0.1&token=bad']) {
      expect((await status(base() + vsn)).status, vsn).toBe(101);
    }
    for (const vsn of ['?vsn=3.0.0', '?vsn=abc', '?vsn=2.1.0', '?vsn=', '?vsn=%ff']) {
      expect(await status(base() + vsn), vsn).toEqual({ status: 403, body: '' });
    }
  });

  it('origins', async () => {
    const host = new URL(base()).host;
    expect((await status(base(), { origin: `http://${host}` })).status).toBe(101);
    expect(await status(base(), { origin: 'https://elsewhere.example' })).toEqual({ status: 403, body: '' });
  });

  it('other paths', async () => {
    expect((await status(base().replace('/websocket', ''))).status).toBe(404);
    expect((await status(base().replace('websocket', 'longpoll'))).status).toBe(404);
  });

  it('without vsn: V1 objects', async () => {
    const client = await open(base());
    client.send({ topic: T, event: 'phx_join', payload: sensorParams('x'), ref: '1' });
    client.send({ topic: T, event: 'ping', payload: { a: 1 }, ref: '2' });
    expect(await client.next(3)).toEqual([
      { topic: T, event: 'phx_reply', ref: '1', payload: { status: 'ok', response: {} } },
      { topic: T, event: 'backpressure_config', ref: null, payload: expect.anything() as unknown },
      { topic: T, event: 'phx_reply', ref: '2', payload: { status: 'ok', response: { a: 1 } } },
    ]);
  });
});

describe('closing', () => {
  it('without a frame for the idle time: 1002; frames and WebSocket pings keep it open', async () => {
    const quick = await startSockets({ idleTimeout: 200, stock: true });
    try {
      const [silent, pushing, pinging] = [
        await RawClient.open(quick.url),
        await RawClient.open(quick.url),
        await RawClient.open(quick.url),
      ];
      await pushing.join(T, sensorParams('x'));
      const busy = setInterval(() => {
        pushing.send(['1', null, T, 'measurement', sample('a', 1)]);
        pinging.ws.ping();
      }, 50);
      const started = Date.now();
      expect(await silent.closeCode()).toBe(1002);
      expect(Date.now() - started).toBeGreaterThanOrEqual(150);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect([pushing.closed, pinging.closed]).toEqual([undefined, undefined]);
      clearInterval(busy);
      expect(await pinging.closeCode()).toBe(1002);
    } finally {
      await quick.close();
    }
  });

  it('when the gateway stops: 1012', async () => {
    const stopping = await startSockets({ stock: true });
    const client = await RawClient.open(stopping.url);
    await client.join(T, sensorParams('x'));
    await stopping.close();
    expect(await client.closeCode()).toBe(1012);
  });

  it('missing is no token unless on loopback', async () => {
    const strict = await startSockets({ loopback: false, stock: true });
    const client = await RawClient.open(strict.url);
    expect(await client.join(T, sensorParams('x'))).toEqual([reply('1', '1', T, 'error', { reason: 'unauthorized' })]);
    await strict.close();
  });
});

describe('a client that reads slower than it asks', () => {
  it('and pauses meanwhile gets every answer in order, since it is not read from until it catches up', async () => {
    const client = await joined();
    const big = 'x'.repeat(900_000);
    client.ws.pause();
    for (let i = 0; i < 30; i++) client.send(['1', `${i}`, T, 'ping', big]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    client.ws.resume();
    const frames = await client.next(30, 15_000);
    expect(frames.map((frame) => (Array.isArray(frame) ? (frame[1] as unknown) : undefined))).toEqual(
      Array.from({ length: 30 }, (_, i) => `${i}`),
    );
    expect(gateway.sockets.stats().slowReaders).toBe(0);
  });

  it('and never reads is cut off; meanwhile the others are served', { timeout: 20_000 }, async () => {
    const strict = await startSockets({ stallTimeout: 500, stock: true });
    try {
      const [stuck, other] = [await RawClient.open(strict.url), await RawClient.open(strict.url)];
      await stuck.join(T, sensorParams('x'));
      await other.join(T, sensorParams('x'));
      stuck.ws.pause();
      for (let i = 0; i < 30; i++) stuck.send(['1', `${i}`, T, 'ping', 'x'.repeat(900_000)]);
      await expect.poll(() => strict.sockets.stats().slowReaders, { timeout: 10_000 }).toBe(1);
      other.send(['1', '2', T, 'ping', {}]);
      expect(await other.settled()).toEqual([reply('1', '2', T, 'ok', {})]);
      stuck.ws.terminate();
    } finally {
      await strict.close();
    }
  });
});

describe('two sockets on one sensor', () => {
  it('the first one’s words stay; the sensor lives until the last leaves; no dead channel after a fast rejoin', async () => {
    const topic = 'sensocto:sensor:two';
    const a = await joined(sensorParams('two', { connector_name: 'A' }), topic);
    for (let round = 0; round < 20; round++) {
      const b = await joined(sensorParams('two', { connector_name: 'B' }), topic);
      expect(gateway.registry.find('two', 0)?.connector_name).toBe('A');
      b.ws.terminate();
    }
    a.ws.terminate();
    const c = await joined(sensorParams('two', { connector_name: 'C' }), topic);
    await a.closeCode();
    await expect.poll(() => gateway.sockets.stats().sockets).toBe(1);
    c.send(['1', '2', topic, 'measurement', sample('a', 'kept')]);
    await c.settled();
    expect(gateway.store.read('two', 'a')).toHaveLength(1);
    expect(gateway.registry.find('two', Date.now())?.freshness).toBe('fresh');
    await c.close();
    await expect.poll(() => gateway.registry.find('two', 0)).toBeUndefined();
  });
});

it('nothing of all this was a defect', () => {
  expect(gateway.sockets.stats().crashes).toBe(0);
  expect(gateway.logged).toEqual([]);
});
