/** A hundred thousand frames of nonsense: the gateway stays up, its memory bounded, and others never notice. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import fc from 'fast-check';
import { RawClient, reply, sample, sensorParams } from '../support/raw-client.ts';
import { type SocketsUnderTest, startSockets } from '../support/sockets-under-test.ts';

const FRAMES = 100_000;
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_131);
const SOCKETS = 8;

let gateway: SocketsUnderTest;
beforeAll(async () => {
  gateway = await startSockets();
});
afterAll(() => gateway.close());

const TOPICS = ['sensocto:sensor:f0', 'sensocto:sensor:f1', 'sensocto:lvntest:f', 'phoenix', 'viewer:data:x', 'nope'];
const EVENTS = [
  ...['measurement', 'measurements_batch', 'update_attributes', 'update_connector', 'ping', 'shout'],
  ...['phx_join', 'phx_leave', 'heartbeat', 'set_visible_sensors', 'focus_sensors', 'x'],
];

/** JSON with the words of the protocol in it, so that it gets past the first check. */
const word = fc.constantFrom('a', 'ecg', 'imu', 'register', 'unregister', 'f0', 'missing', 'skeleton', 'a b', '');
const leaf = fc.oneof(word, fc.jsonValue({ maxDepth: 2 }), fc.constant('1,2,3,4,5,6,7,8'));
const key = fc.oneof(
  fc.constantFrom('attribute_id', 'payload', 'timestamp', 'action', 'metadata', 'attribute_type', 'connector_name'),
  fc.constantFrom('sensor_ids', '__proto__', 'constructor', 'seq'),
);
const loose = fc.dictionary(key, leaf, { maxKeys: 5 });
const join = fc
  .tuple(fc.constantFrom('f0', 'f1', 'x'), loose)
  .map(([id, extra]) => ({ ...sensorParams(id), ...extra }));
const payload = fc.oneof(leaf, loose, fc.array(loose, { maxLength: 5 }), join);
const ref = fc.constantFrom<unknown>('1', '2', null, 1, {}, '');
const frame = fc.tuple(
  ref,
  ref,
  fc.oneof(fc.constantFrom(...TOPICS), leaf),
  fc.oneof(fc.constantFrom(...EVENTS), leaf),
  payload,
);
const text = frame.map((parts) => JSON.stringify(parts));
/** Valid frames with one place changed. */
const mutated = fc
  .tuple(text, fc.nat(), fc.string({ unit: 'binary', maxLength: 3 }))
  .map(([whole, at, junk]) => whole.slice(0, at % whole.length) + junk + whole.slice((at % whole.length) + 1));
const deep = fc
  .nat({ max: 20_000 })
  .map((n) => `["1","2","sensocto:sensor:f0","ping",${'['.repeat(n)}${']'.repeat(n)}]`);
const binary = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .tuple(fc.constantFrom(...TOPICS), fc.constantFrom(...EVENTS), fc.uint8Array({ maxLength: 32 }))
    .map(([t, e, data]) =>
      Buffer.concat([Uint8Array.of(0, 1, 1, t.length, e.length), Buffer.from(`12${t}${e}`), data]),
    ),
);
const anything = fc.oneof(
  { weight: 60, arbitrary: text },
  { weight: 8, arbitrary: mutated },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  { weight: 6, arbitrary: binary },
  { weight: 1, arbitrary: deep },
);

it('survives', { timeout: 240_000 }, async () => {
  const bystander = await RawClient.open(gateway.url);
  await bystander.join('sensocto:sensor:calm', sensorParams('calm'));
  // A pool, reused in another order each round: drawing is slower than serving.
  const pool = fc.sample(anything, { numRuns: 20_000, seed: SEED });
  const attackers: RawClient[] = [];
  let sent = 0;
  let reopened = 0;
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  for (let i = 0; sent < FRAMES; i++) {
    const slot = i % SOCKETS;
    let client = attackers[slot];
    if (!client || client.closed !== undefined || client.ws.readyState !== client.ws.OPEN) {
      client = await RawClient.open(gateway.url);
      client.send(['1', '1', 'sensocto:sensor:f0', 'phx_join', sensorParams('f0')]);
      attackers[slot] = client;
      reopened += 1;
    }
    for (let n = 0; n < 10; n++) {
      const next = pool[(i * 7919 + n * 104_729) % pool.length];
      if (next !== undefined) client.ws.send(next);
      sent += 1;
    }
    client.inbox.length = 0;
    client.binary.length = 0;
    if (i % 200 === 0) {
      bystander.send(['1', `${i}`, 'sensocto:sensor:calm', 'measurement', sample('a', i)]);
      bystander.send(['1', `${i}`, 'sensocto:sensor:calm', 'ping', i]);
      expect(await bystander.next(1, 10_000)).toEqual([reply('1', `${i}`, 'sensocto:sensor:calm', 'ok', i)]);
    }
  }
  for (const client of attackers) client.ws.terminate();
  await expect.poll(() => gateway.sockets.stats().sockets, { timeout: 10_000 }).toBe(1);
  const stats = gateway.sockets.stats();
  expect(stats.frames).toBeGreaterThan(FRAMES / 2);
  expect(reopened).toBeGreaterThan(100);
  expect(stats.crashes).toBe(0);
  expect(gateway.logged).toEqual([]);
  expect(gateway.registry.list(0).map((sensor) => sensor.sensor_id)).toEqual(['calm']);
  gateway.store.flush();
  expect(gateway.store.counts().lost).toBe(0);
  expect(gateway.store.read('calm', 'a')).toHaveLength(Math.ceil(FRAMES / 10 / 200));
  globalThis.gc?.();
  expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(200 * 2 ** 20);
  await bystander.close();
});
