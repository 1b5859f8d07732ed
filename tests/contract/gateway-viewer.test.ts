/** Watching: what a viewer gets, and what watching does to those who are watched. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RawClient, sample, sensorParams } from '../support/raw-client.ts';
import { type SocketsUnderTest, startSockets } from '../support/sockets-under-test.ts';
import { parseSensorBatch, parseSensorsChanged, type Quality } from '../../src/protocol/viewer.ts';

let gateway: SocketsUnderTest;
let clients: RawClient[] = [];

beforeAll(async () => {
  gateway = await startSockets({ stallTimeout: 500 });
});
afterAll(() => gateway.close());
afterEach(async () => {
  for (const client of clients) await client.close();
  clients = [];
  await expect.poll(() => gateway.registry.size).toBe(0);
});

async function open(): Promise<RawClient> {
  const client = await RawClient.open(gateway.url);
  clients.push(client);
  return client;
}

async function sensor(id: string, overrides: Record<string, unknown> = {}): Promise<RawClient> {
  const client = await open();
  await client.join(`sensocto:sensor:${id}`, sensorParams(id, overrides));
  return client;
}

async function viewer(sensorIds: readonly string[] | null = null, quality: Quality = 'high') {
  const client = await open();
  const topic = `viewer:data:${gateway.credentials.mintViewerToken('v', sensorIds, quality)}`;
  const frames = await client.join(topic, {});
  return { client, topic, frames };
}

/** Payloads of one event among frames. */
function payloads(frames: readonly unknown[], event: string): unknown[] {
  return frames.flatMap((frame) => (Array.isArray(frame) && frame[3] === event ? [frame[4] as unknown] : []));
}

function attentions(frames: readonly unknown[]): unknown[] {
  return payloads(frames, 'backpressure_config').map(
    (config) => (config as { attention_level: string }).attention_level,
  );
}

function lastSensors(frames: readonly unknown[]): string[] {
  const parsed = parseSensorsChanged(payloads(frames, 'sensors_changed').at(-1));
  return parsed.ok ? parsed.value.map((summary) => summary.sensor_id).sort() : ['unreadable'];
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('what a viewer gets', () => {
  it('on joining: ok, the sensors there are, and their last values', async () => {
    const source = await sensor('s1', { demo: true });
    source.send([
      '1',
      '2',
      'sensocto:sensor:s1',
      'measurements_batch',
      [sample('heartrate', 71), sample('heartrate', 72), sample('ecg', 0.1), sample('ecg', 0.2)],
    ]);
    await source.settled();
    const { frames, topic } = await viewer();
    expect(frames).toHaveLength(3);
    expect(frames[0]).toEqual(['1', '1', topic, 'phx_reply', { response: {}, status: 'ok' }]);
    expect(parseSensorsChanged(payloads(frames, 'sensors_changed')[0])).toMatchObject({
      ok: true,
      value: [{ sensor_id: 's1', freshness: 'fresh', demo: true, attributes: [{ id: 'heartrate' }, { id: 'ecg' }] }],
    });
    const timestamp = 1_706_000_000_000;
    expect(payloads(frames, 'sensor_batch')).toEqual([
      {
        batch: {
          s1: {
            heartrate: { attribute_id: 'heartrate', payload: 72, sensor_id: 's1', timestamp },
            ecg: [{ attribute_id: 'ecg', payload: 0.2, sensor_id: 's1', timestamp }],
          },
        },
      },
    ]);
  });

  it('lists of every sample for waveforms and buttons, the latest of everything else, extra keys kept', async () => {
    const source = await sensor('s1');
    const { client } = await viewer();
    const sent = Array.from({ length: 200 }, (_, i) => i);
    for (const i of sent) {
      source.send([
        '1',
        null,
        'sensocto:sensor:s1',
        'measurements_batch',
        [sample('ecg', i, 1000 + i, { seq: i }), sample('heartrate', i), sample('button', i, 5, { event: 'press' })],
      ]);
      if (i % 50 === 0) await pause(70);
    }
    await expect.poll(() => last(client)).toBe(199);
    const frames = await client.settled();
    const batches = payloads(frames, 'sensor_batch').map(parseSensorBatch);
    expect(batches.length).toBeGreaterThan(1);
    const samples = batches.flatMap((batch) => batch.samples);
    expect(samples.filter((s) => s.attribute === 'ecg').map((s) => s.seq)).toEqual(sent);
    expect(samples.filter((s) => s.attribute === 'button').map((s) => s.payload)).toEqual(sent);
    expect(samples.filter((s) => s.attribute === 'heartrate')).toHaveLength(batches.length);
    const [first] = payloads(frames, 'sensor_batch') as { batch: { s1: { button: unknown[]; heartrate: unknown } } }[];
    expect(first?.batch.s1.button[0]).toMatchObject({ event: 'press', sensor_id: 's1' });
    expect(Array.isArray(first?.batch.s1.heartrate)).toBe(false);
  });

  it.each([
    ['high', 64],
    ['medium', 128],
    ['low', 250],
    ['minimal', 500],
  ] as const)('quality %s: a batch every %i ms', async (quality, interval) => {
    const source = await sensor('s1');
    const { client } = await viewer(null, quality);
    const steady = setInterval(() => source.send(['1', null, 'sensocto:sensor:s1', 'measurement', sample('a', 1)]), 10);
    await pause(interval * 1.5);
    const before = payloads(await client.settled(), 'sensor_batch').length;
    await pause(1000);
    clearInterval(steady);
    const count = payloads(await client.settled(), 'sensor_batch').length;
    expect(before).toBeGreaterThan(0);
    expect(count).toBeGreaterThanOrEqual(Math.floor(600 / interval));
    expect(count).toBeLessThanOrEqual(Math.ceil(1000 / interval) + 1);
  });

  it('only what its token allows and what it has on its screen', async () => {
    const sources = [await sensor('s1'), await sensor('s2'), await sensor('s3')];
    const sendAll = async () => {
      for (const [i, source] of sources.entries()) {
        source.send(['1', null, `sensocto:sensor:s${i + 1}`, 'measurement', sample('a', i)]);
        await source.settled();
      }
      await pause(100);
    };
    const { client, topic, frames } = await viewer(['s1', 's2', 'nowhere']);
    expect(lastSensors(frames)).toEqual(['s1', 's2']);
    await sendAll();
    expect(sensorsIn(await client.settled())).toEqual(['s1', 's2']);
    client.send(['1', '5', topic, 'set_visible_sensors', { sensor_ids: ['s2', 's3', 7] }]);
    await client.settled();
    await pause(100);
    await client.settled();
    await sendAll();
    expect(sensorsIn(await client.settled())).toEqual(['s2']);
    client.send(['1', '6', topic, 'set_visible_sensors', { sensor_ids: [] }]);
    await client.settled();
    await sendAll();
    expect(sensorsIn(await client.settled())).toEqual([]);
  });

  it('news of sensors that come, go, rename and register', async () => {
    const { client, frames } = await viewer();
    expect(lastSensors(frames)).toEqual([]);
    const source = await sensor('s1');
    await pause(150);
    expect(lastSensors(await client.settled())).toEqual(['s1']);
    source.send(['1', '2', 'sensocto:sensor:s1', 'update_connector', { connector_name: 'New' }]);
    const metadata = { attribute_id: 'rr_interval', attribute_type: 'rr_interval', sampling_rate: 1 };
    source.send([
      ...['1', '3', 'sensocto:sensor:s1', 'update_attributes'],
      { action: 'register', attribute_id: 'rr_interval', metadata },
    ]);
    await pause(150);
    const pushes = payloads(await client.settled(), 'sensors_changed');
    expect(pushes).toHaveLength(1);
    expect(pushes[0]).toMatchObject({
      sensors: [{ connector_name: 'New', attributes: [{ id: 'rr_interval', attribute_type: 'rr_interval' }] }],
    });
    await source.close();
    await pause(150);
    expect(lastSensors(await client.settled())).toEqual([]);
  });

  it('silence for ping and unknown events; unauthorized for an expired or foreign token', async () => {
    const { client, topic } = await viewer();
    client.send(['1', '2', topic, 'ping', {}], ['1', '3', topic, 'other', {}], ['1', '4', topic, 'focus_sensors', 5]);
    expect(await client.settled()).toEqual([]);
    const { socket_token } = gateway.credentials.mintGuest('x');
    expect(await client.join(`viewer:data:${socket_token}`, {}, '9')).toMatchObject([
      ['9', '9', expect.anything(), 'phx_reply', { status: 'error', response: { reason: 'unauthorized' } }],
    ]);
  });
});

describe('what watching does', () => {
  it('seen → medium, looked at closely → high, nobody → none', async () => {
    const s1 = await sensor('s1');
    const s2 = await sensor('s2');
    const { client, topic } = await viewer();
    expect([attentions(await s1.settled()), attentions(await s2.settled())]).toEqual([['medium'], ['medium']]);
    client.send(['1', '2', topic, 'focus_sensors', { sensor_ids: ['s1'] }]);
    await client.settled();
    expect([attentions(await s1.settled()), attentions(await s2.settled())]).toEqual([['high'], []]);
    client.send(['1', '3', topic, 'focus_sensors', { sensor_ids: [] }]);
    client.send(['1', '4', topic, 'set_visible_sensors', { sensor_ids: ['s2'] }]);
    await client.settled();
    expect(attentions(await s1.settled())).toEqual(['medium', 'none']);
    expect(attentions(await s2.settled())).toEqual(['high']);
    await client.close();
    await expect.poll(async () => attentions(await s2.settled())).toEqual(['none']);
  });

  it('a sensor that joins while it is watched hears so at once, and only once', async () => {
    await viewer(['s1', 's2']);
    const client = await open();
    const frames = await client.join('sensocto:sensor:s1', sensorParams('s1'));
    expect(attentions(frames)).toEqual(['medium']);
    await viewer();
    expect(attentions(await client.settled())).toEqual([]);
  });
});

describe('load', () => {
  const of = (frames: readonly unknown[]) =>
    payloads(frames, 'backpressure_config').map((payload) => {
      const config = payload as Record<string, unknown>;
      return [config['system_load'], config['recommended_batch_window'], config['load_multiplier'], config['paused']];
    });

  it('is told once per change, with the window scaled; paused only when critical and unwatched', async () => {
    const s1 = await sensor('s1');
    gateway.forceLoad({ eventLoopDelay: 700, memoryPressure: 0 }, 1);
    expect(of(await s1.settled())).toEqual([]);
    gateway.forceLoad({ eventLoopDelay: 700, memoryPressure: 0 }, 3);
    expect(of(await s1.settled())).toEqual([['critical', 25_000, 5, true]]);
    const { client } = await viewer();
    expect(of(await s1.settled())).toEqual([['critical', 2500, 5, false]]);
    await client.close();
    await expect.poll(async () => of(await s1.settled())).toEqual([['critical', 25_000, 5, true]]);
    s1.send(['1', '2', 'sensocto:sensor:s1', 'measurement', sample('paused', 1)]);
    await s1.settled();
    expect(gateway.store.read('s1', 'paused')).toHaveLength(1);
    gateway.forceLoad({ eventLoopDelay: 0, memoryPressure: 0.9 }, 9);
    expect(of(await s1.settled()).at(-1)).toEqual(['normal', 25_000, 5, true]);
    gateway.forceLoad({ eventLoopDelay: 0, memoryPressure: 0 }, 1);
    expect(of(await s1.settled())).toEqual([['normal', 5000, 1, false]]);
  });
});

describe('a viewer that does not read', () => {
  it('is cut off, counted, and costs the others nothing', { timeout: 60_000 }, async () => {
    const source = await sensor('s1');
    const { client: good } = await viewer();
    const { client: stuck } = await viewer();
    stuck.ws.pause();
    const before = gateway.sockets.stats().slowReaders;
    const filler = 'x'.repeat(2000);
    let sent = 0;
    // A socket that is not read fills the kernel's buffers first (some MB on loopback), then ours.
    while (gateway.sockets.stats().slowReaders === before && sent < 400_000) {
      for (let i = 0; i < 100; i++) {
        const frame = ['1', null, 'sensocto:sensor:s1', 'measurement', sample('ecg', filler, sent, { seq: sent })];
        source.send(frame);
        sent += 1;
      }
      await source.settled();
      await pause(5);
    }
    expect(gateway.sockets.stats().slowReaders).toBe(before + 1);
    await expect.poll(() => lastSeq(good), { timeout: 5000 }).toBe(sent - 1);
    stuck.ws.terminate();
  });
});

function last(client: RawClient): unknown {
  return payloads(client.inbox, 'sensor_batch')
    .flatMap((batch) => parseSensorBatch(batch).samples)
    .at(-1)?.payload;
}

function lastSeq(client: RawClient): unknown {
  return payloads(client.inbox.slice(-3), 'sensor_batch')
    .flatMap((batch) => parseSensorBatch(batch).samples)
    .at(-1)?.seq;
}

function sensorsIn(frames: readonly unknown[]): string[] {
  const samples = payloads(frames, 'sensor_batch').flatMap((batch) => parseSensorBatch(batch).samples);
  return [...new Set(samples.map((s) => s.sensorId))].sort();
}
