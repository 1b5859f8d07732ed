/** Frames as they were seen on the real server, replayed against the gateway. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RawClient, reply, sample, sensorParams } from '../support/raw-client.ts';
import { type SocketsUnderTest, startSockets } from '../support/sockets-under-test.ts';

let gateway: SocketsUnderTest;
let clients: RawClient[] = [];

beforeAll(async () => {
  // What was recorded came from the stock server.
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

const CONFIG_NONE = {
  attention_level: 'none',
  load_multiplier: 1.0,
  memory_protection_active: false,
  paused: false,
  recommended_batch_size: 20,
  recommended_batch_window: 5000,
  system_load: 'normal',
  timestamp: expect.any(Number) as number,
};
const T = 'sensocto:sensor:x';

async function joined(params: Record<string, unknown> = sensorParams('x'), topic = T): Promise<RawClient> {
  const client = await open();
  expect((await client.join(topic, params))[0]).toEqual(reply('1', '1', topic, 'ok', {}));
  return client;
}

describe('recorded frames', () => {
  it('heartbeat', async () => {
    const client = await open();
    client.send([null, 'hb1', 'phoenix', 'heartbeat', {}]);
    expect(await client.next()).toEqual([[null, 'hb1', 'phoenix', 'phx_reply', { response: {}, status: 'ok' }]]);
  });

  it('join: reply, then exactly one backpressure_config with the eight fields', async () => {
    const client = await open();
    expect(await client.join(T, sensorParams('x'), '3')).toEqual([
      ['3', '3', T, 'phx_reply', { response: {}, status: 'ok' }],
      ['3', null, T, 'backpressure_config', CONFIG_NONE],
    ]);
  });

  it('leave: reply, then phx_close; leaving again or elsewhere is ok without phx_close', async () => {
    const client = await joined();
    client.send(
      ['1', '9', T, 'phx_leave', {}],
      ['1', '10', T, 'phx_leave', {}],
      ['4', '11', 'nowhere', 'phx_leave', {}],
    );
    expect(await client.settled()).toEqual([
      reply('1', '9', T, 'ok', {}),
      ['1', '1', T, 'phx_close', {}],
      reply('1', '10', T, 'ok', {}),
      reply('4', '11', 'nowhere', 'ok', {}),
    ]);
  });

  it('second join of a topic on one socket: the old one is closed, the new one answers, the sensor stays', async () => {
    const client = await joined();
    const frames = await client.join(T, sensorParams('x', { connector_name: 'B' }), '7');
    expect(frames).toContainEqual(['1', '1', T, 'phx_close', {}]);
    expect(frames).toContainEqual(reply('7', '7', T, 'ok', {}));
    expect(frames.filter((frame) => Array.isArray(frame) && frame[3] === 'backpressure_config')).toHaveLength(1);
    expect(gateway.registry.find('x', 0)?.connector_name).toBe('My Phone');
    client.send(['1', '8', T, 'ping', {}], ['7', '9', T, 'ping', { a: 1 }]);
    expect(await client.settled()).toEqual([reply('7', '9', T, 'ok', { a: 1 })]);
  });

  it('topics that are not joined or that nobody has', async () => {
    const client = await open();
    client.send(
      ['1', '2', T, 'ping', {}],
      ['5', '5', 'foo:bar', 'phx_join', {}],
      ['5', '6', null, 'ping', {}],
      ['5', '7', 'phoenix', 'other', {}],
    );
    const reason = { reason: 'unmatched topic' };
    expect(await client.settled()).toEqual([
      reply(null, '2', T, 'error', reason),
      reply(null, '5', 'foo:bar', 'error', reason),
      reply(null, '6', null, 'error', reason),
      reply(null, '7', 'phoenix', 'error', reason),
    ]);
  });

  it('silence for a stale, numeric or null join_ref and for an event that is no text', async () => {
    const client = await joined();
    client.send(
      ['0', '4', T, 'ping', {}],
      [1, '4', T, 'ping', {}],
      [null, '4', T, 'ping', {}],
      ['1', '4', T, null, {}],
    );
    client.send(['0', '4', T, 'phx_leave', {}]);
    expect(await client.settled()).toEqual([]);
  });

  it('ref null is answered with null; a sixth element is ignored', async () => {
    const client = await joined();
    client.send(['1', null, T, 'ping', { a: 1 }], ['1', '5', T, 'ping', {}, 'extra']);
    expect(await client.settled()).toEqual([reply('1', null, T, 'ok', { a: 1 }), reply('1', '5', T, 'ok', {})]);
  });
});

describe('joins', () => {
  const keys = Object.keys(sensorParams('x'));
  it.each(keys)('without %s: join crashed', async (key) => {
    const client = await open();
    const { [key]: _, ...rest } = sensorParams('x');
    expect(await client.join(T, rest)).toEqual([reply('1', '1', T, 'error', { reason: 'join crashed' })]);
  });

  it.each([null, [], 'x', { ...sensorParams('y') }])('params %j: join crashed', async (params) => {
    const client = await open();
    expect(await client.join(T, params)).toEqual([reply('1', '1', T, 'error', { reason: 'join crashed' })]);
  });

  it.each(['', 'a:b', 'with space', 'ünï', '__proto__', 'constructor'])('sensor id %j joins', async (id) => {
    const client = await open();
    const odd = sensorParams(id, {
      sensor_name: null,
      connector_id: 7,
      sampling_rate: 'x',
      attributes: null,
      extra: 1,
    });
    const topic = `sensocto:sensor:${id}`;
    expect((await client.join(topic, odd))[0]).toEqual(reply('1', '1', topic, 'ok', {}));
    expect(gateway.registry.find(id, 0)).toMatchObject({ sensor_id: id, sensor_name: '', connector_id: '7' });
  });

  it.each(['', null, 5, {}, 'garbage', 'guest:', 'guest:a:b'])('bearer_token %j: unauthorized', async (token) => {
    const client = await open();
    const frames = await client.join(T, sensorParams('x', { bearer_token: token }));
    expect(frames).toEqual([reply('1', '1', T, 'error', { reason: 'unauthorized' })]);
  });

  it('a guest may join', async () => {
    const client = await open();
    const { bearer_token } = gateway.credentials.mintGuest('Ada');
    expect((await client.join(T, sensorParams('x', { bearer_token })))[0]).toEqual(reply('1', '1', T, 'ok', {}));
  });

  it('other sensocto topics', async () => {
    const client = await open();
    const connector = {
      ...{ connector_id: 'c', connector_name: 'n', connector_type: 't', features: [], bearer_token: null },
    };
    expect(await client.join('sensocto:connector:c', connector)).toEqual([
      reply('1', '1', 'sensocto:connector:c', 'ok', {}),
    ]);
    expect(await client.join('sensocto:connector:d', connector)).toEqual([
      reply('1', '1', 'sensocto:connector:d', 'error', { reason: 'join crashed' }),
    ]);
    expect(await client.join('sensocto:lvntest:1', null)).toEqual([reply('1', '1', 'sensocto:lvntest:1', 'ok', {})]);
    expect(await client.join('sensocto:room:1', {})).toEqual([
      reply('1', '1', 'sensocto:room:1', 'error', { reason: 'join crashed' }),
    ]);
    expect(await client.join('viewer:data:bad', {})).toEqual([
      reply('1', '1', 'viewer:data:bad', 'error', { reason: 'unauthorized' }),
    ]);
    expect(await client.join('viewer:x', {})).toEqual([
      reply('1', '1', 'viewer:x', 'error', { reason: 'invalid_topic' }),
    ]);
  });

  it('connector topics answer ping and shout and survive everything else', async () => {
    const client = await open();
    await client.join('sensocto:lvntest:1', {});
    client.send(
      ['1', '2', 'sensocto:lvntest:1', 'measurement', sample('a', 1)],
      ['1', '3', 'sensocto:lvntest:1', 'measurements_batch', []],
      ['1', '4', 'sensocto:lvntest:1', 'update_connector', { connector_name: 'x' }],
      ['1', '5', 'sensocto:lvntest:1', 'shout', { hi: 1 }],
      ['1', '6', 'sensocto:lvntest:1', 'ping', 'p'],
    );
    expect(await client.settled()).toEqual([
      [null, null, 'sensocto:lvntest:1', 'shout', { hi: 1 }],
      reply('1', '6', 'sensocto:lvntest:1', 'ok', 'p'),
    ]);
  });
});

describe('events of a sensor channel', () => {
  const good = sample('heartrate', 72);
  const cases: [what: string, event: string, payload: unknown, answer?: [status: string, response: unknown]][] = [
    ['a measurement', 'measurement', good],
    ['a batch', 'measurements_batch', [good, good]],
    ['an empty batch', 'measurements_batch', []],
    ['register', 'update_attributes', { action: 'register', attribute_id: 'a', metadata: { attribute_type: 'ecg' } }],
    ['unregister', 'update_attributes', { action: 'unregister', attribute_id: 'a', metadata: {} }],
    ['ping object', 'ping', { a: [1] }, ['ok', { a: [1] }]],
    ['ping array', 'ping', [1, 2], ['ok', [1, 2]]],
    ['ping null', 'ping', null, ['ok', null]],
    ['ping text', 'ping', 'x', ['ok', 'x']],
    ['rename', 'update_connector', { connector_name: 'Renamed' }, ['ok', { connector_name: 'Renamed' }]],
    ['empty name', 'update_connector', { connector_name: '' }, ['error', { reason: 'invalid_connector_name' }]],
    ['long', 'update_connector', { connector_name: 'é'.repeat(51) }, ['error', { reason: 'invalid_connector_name' }]],
    ['100 bytes', 'update_connector', { connector_name: 'é'.repeat(50) }, ['ok', { connector_name: 'é'.repeat(50) }]],
    ['no text', 'update_connector', { connector_name: 5 }, ['error', { reason: 'invalid_connector_name' }]],
    ['no key', 'update_connector', {}],
    ['no object', 'update_connector', null],
    [
      'action',
      'update_attributes',
      { action: 'x', attribute_id: 'a', metadata: {} },
      ['error', { reason: 'invalid_action' }],
    ],
    [
      'id',
      'update_attributes',
      { action: 'register', attribute_id: 'a b', metadata: {} },
      ['error', { reason: 'invalid_attribute_id' }],
    ],
    ['no metadata', 'update_attributes', { action: 'register', attribute_id: 'a' }],
    ['bad id', 'measurement', sample('bad id', 1), ['error', { reason: 'invalid_attribute_id' }]],
    ['_x', 'measurement', sample('_x', 1), ['error', { reason: 'invalid_attribute_id' }]],
    ['65 chars', 'measurement', sample('a'.repeat(65), 1), ['error', { reason: 'invalid_attribute_id' }]],
    ['64 chars', 'measurement', sample('a'.repeat(64), 1)],
    ['numeric id', 'measurement', { ...good, attribute_id: 5 }, ['error', { reason: 'invalid_attribute_id' }]],
    ['no payload', 'measurement', { attribute_id: 'a', timestamp: 1 }],
    ['no timestamp', 'measurement', { attribute_id: 'a', payload: 1 }],
    ['no id', 'measurement', { payload: 1, timestamp: 1 }],
    ['no measurement', 'measurement', [1]],
    [
      'invalid items',
      'measurements_batch',
      [good, { ...good, attribute_id: 'a b' }, { payload: 1 }],
      ['error', { reason: 'invalid_batch', failed_count: 2 }],
    ],
    ['batch object', 'measurements_batch', { a: 1 }],
    ['batch null', 'measurements_batch', null],
    ['batch text', 'measurements_batch', 'x'],
    ['unknown', 'disconnect', {}],
    // What takes the real server's channel down is refused or tolerated.
    [
      'batch of non-objects',
      'measurements_batch',
      [1, null, [1, 2], good],
      ['error', { reason: 'invalid_batch', failed_count: 3 }],
    ],
    ['metadata null', 'update_attributes', { action: 'register', attribute_id: 'n', metadata: null }],
    ['metadata text', 'update_attributes', { action: 'register', attribute_id: 'n', metadata: 'x' }],
    ['shout array', 'shout', [1]],
    ['shout null', 'shout', null],
  ];

  it.each(cases)('%s (%s)', async (_, event, payload, answer) => {
    const client = await joined();
    client.send(['1', '4', T, event, payload], ['1', '5', T, 'ping', {}]);
    const barrier = reply('1', '5', T, 'ok', {});
    const answered = answer ? [reply('1', '4', T, answer[0], answer[1])] : [];
    expect(await client.settled()).toEqual([...answered, barrier]);
  });

  it('an invalid batch is dropped whole; valid ones keep order, duplicates, odd values and extra keys', async () => {
    const client = await joined(sensorParams('order'), 'sensocto:sensor:order');
    const topic = 'sensocto:sensor:order';
    const odd = [
      sample('a', null, 'yesterday', { event: 'press' }),
      sample('a', { deep: [1] }, null),
      sample('a', { deep: [1] }, null),
    ];
    client.send(['1', '2', topic, 'measurements_batch', [sample('a', 'lost'), 5]]);
    client.send(['1', '3', topic, 'measurements_batch', odd], ['1', '4', topic, 'measurement', sample('a', 9, 1.5)]);
    await client.settled();
    const stored = gateway.store.read('order', 'a');
    expect(stored.map(({ payload, timestamp, extra }) => [payload, timestamp, extra])).toEqual([
      [null, 'yesterday', { event: 'press' }],
      [{ deep: [1] }, null, undefined],
      [{ deep: [1] }, null, undefined],
      [9, 1.5, undefined],
    ]);
  });

  it('registering a skeleton pushes medium: window 500, size 5', async () => {
    const client = await joined(sensorParams('sk'), 'sensocto:sensor:sk');
    const metadata = { attribute_id: 'pose_skeleton', attribute_type: 'skeleton', sampling_rate: 15 };
    client.send([
      ...['1', '2', 'sensocto:sensor:sk', 'update_attributes'],
      { action: 'register', attribute_id: 'pose_skeleton', metadata },
    ]);
    expect(await client.settled()).toEqual([
      [
        ...['1', null, 'sensocto:sensor:sk', 'backpressure_config'],
        {
          ...CONFIG_NONE,
          attention_level: 'medium',
          recommended_batch_window: 500,
          recommended_batch_size: 5,
        },
      ],
    ]);
  });

  it('shout reaches everybody on the topic, the sender too', async () => {
    const [a, b] = [await joined(), await joined()];
    a.send(['1', '2', T, 'shout', { hi: 1 }]);
    const expected = [[null, null, T, 'shout', { hi: 1 }]];
    expect(await a.settled()).toEqual(expected);
    expect(await b.settled()).toEqual(expected);
  });

  it('motion text is split up in a single measurement and stays text in a batch', async () => {
    const client = await joined(sensorParams('imu'), 'sensocto:sensor:imu');
    const csv = '1706000000000,0.012,-0.103,9.801,0.1,NaN,1.0abc,1,0,0,0';
    client.send(
      ['1', '2', 'sensocto:sensor:imu', 'measurement', sample('imu', csv, 5, { extra: 1 })],
      ['1', '3', 'sensocto:sensor:imu', 'measurements_batch', [sample('imu', csv, 6)]],
      ['1', '4', 'sensocto:sensor:imu', 'measurement', sample('imu', '1,2,3', 7)],
    );
    await client.settled();
    const axes = { accelerometer: { x: 0.012, y: -0.103, z: 9.801 }, gyroscope: { x: 0.1, y: 0, z: 1 } };
    expect(gateway.store.read('imu', 'imu')).toEqual([
      { sensorId: 'imu', attribute: 'imu', payload: axes, timestamp: 5 },
      { sensorId: 'imu', attribute: 'imu', payload: csv, timestamp: 6 },
      { sensorId: 'imu', attribute: 'imu', payload: '1,2,3', timestamp: 7 },
    ]);
  });

  it('an attributes array harms nobody', async () => {
    const other = await joined(sensorParams('healthy'), 'sensocto:sensor:healthy');
    const client = await joined(sensorParams('arr', { attributes: [] }), 'sensocto:sensor:arr');
    for (let i = 0; i < 20; i++) client.send(['1', `${i}`, 'sensocto:sensor:arr', 'measurement', sample('a', i)]);
    expect(await client.settled()).toEqual([]);
    other.send(['1', '2', 'sensocto:sensor:healthy', 'measurement', sample('a', 1)]);
    expect(await other.settled()).toEqual([]);
    expect(gateway.store.read('arr', 'a')).toHaveLength(20);
    expect(gateway.store.read('healthy', 'a')).toHaveLength(1);
  });
});

it('nothing of all this was a defect', () => {
  expect(gateway.sockets.stats().crashes).toBe(0);
  expect(gateway.logged).toEqual([]);
});
