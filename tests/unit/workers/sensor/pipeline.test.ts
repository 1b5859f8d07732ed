import { describe, expect, it } from 'vitest';
import { HEART_RATE_MEASUREMENT, BODY_SENSOR_LOCATION } from '../../../../src/device/profiles/heart-rate.ts';
import { BATTERY_LEVEL } from '../../../../src/device/profiles/battery.ts';
import type { Json } from '../../../../src/model/block.ts';
import type { DeviceCommand } from '../../../../src/model/command.ts';
import type { Reading } from '../../../../src/model/reading.ts';
import { backpressureFor } from '../../../../src/model/backpressure.ts';
import { createConnection } from '../../../../src/channel/connection.ts';
import { createMemoryOutbox } from '../../../../src/outbox/memory-outbox.ts';
import { createServerClock } from '../../../../src/stream/server-clock.ts';
import { backpressureToWire } from '../../../../src/protocol/backpressure.ts';
import { createLiveFeed } from '../../../../workers/sensor/live-feed.ts';
import { SensorPipeline } from '../../../../workers/sensor/pipeline.ts';
import type { LiveMessage, LiveSkeleton } from '../../../../workers/sensor/api.ts';
import { createManualClock, turns } from '../../../support/manual-clock.ts';
import { ScriptedSocket } from '../../channel/scripted-socket.ts';

async function close(pipeline: SensorPipeline): Promise<void> {
  await pipeline.settle();
  pipeline.leave();
}

async function setUp() {
  const clock = createManualClock();
  const sockets: ScriptedSocket[] = [];
  const connection = createConnection({
    makeSocket(handlers) {
      const made = new ScriptedSocket(handlers, () => clock.now());
      sockets.push(made);
      return made;
    },
    clock,
    random: () => 0,
    onState: () => undefined,
    renewCredential: () => Promise.resolve(false),
  });
  const [socket] = sockets;
  if (!socket) throw new Error('no socket was made');
  const live: LiveMessage[] = [];
  const skeletons: LiveSkeleton[] = [];
  const commands: { sensorId: string; command: DeviceCommand }[] = [];
  let changes = 0;
  const outbox = createMemoryOutbox(0);
  const pipeline = new SensorPipeline({
    sensor: { sensorId: 's1', name: 'My strap', sensorType: 'heart_rate_strap', demo: true },
    connection,
    outbox,
    clock,
    live: createLiveFeed(clock, (message) => void ('kind' in message ? skeletons.push(message) : live.push(message))),
    connector: () => ({ connectorId: 'c1', connectorName: 'Tablet' }),
    bearer: () => Promise.resolve('guest:g:t'),
    serverClock: createServerClock(),
    onCommand: (sensorId, command) => commands.push({ sensorId, command }),
    onChange: () => (changes += 1),
  });
  connection.connect();
  socket.open();
  await turns();
  const ingest = (bytes: readonly number[], characteristic = HEART_RATE_MEASUREMENT): void =>
    pipeline.ingest(characteristic, Uint8Array.from(bytes).buffer, clock.now());
  return {
    clock,
    socket,
    live,
    skeletons,
    pipeline,
    outbox,
    ingest,
    commands,
    changes: () => changes,
    status: () => pipeline.status(clock.now()),
    async accept(attention: 'high' | 'none' = 'high') {
      socket.lastJoin.handlers.ok({});
      const config = backpressureToWire(backpressureFor(attention, 'normal', false, 0));
      socket.lastJoin.handlers.message('backpressure_config', config);
      await turns();
    },
    pushed: (event: string) =>
      socket.lastJoin.pushed.filter((push) => push.event === event).map((push) => push.payload),
  };
}

describe('pipeline', () => {
  it('joins with all nine keys, marked as demo', async () => {
    const { socket } = await setUp();
    expect(socket.lastJoin.topic).toBe('sensocto:sensor:s1');
    expect(socket.lastJoin.params).toEqual({
      ...{ connector_id: 'c1', connector_name: 'Tablet', sensor_id: 's1', sensor_name: 'My strap' },
      ...{
        sensor_type: 'heart_rate_strap',
        attributes: {},
        sampling_rate: 1,
        batch_size: 1,
        bearer_token: 'guest:g:t',
      },
      demo: true,
    });
  });

  it('turns a packet into a registration and a batch, numbers plain and timed', async () => {
    const { accept, ingest, pushed, clock } = await setUp();
    await accept();
    ingest([0x10, 61, 0x00, 0x04]); // RR 1024/1024 s
    await turns();
    expect(pushed('update_attributes')).toEqual([
      {
        action: 'register',
        attribute_id: 'heartrate',
        metadata: { attribute_id: 'heartrate', attribute_type: 'heartrate', sampling_rate: 1 },
      },
      {
        action: 'register',
        attribute_id: 'rr_interval',
        metadata: { attribute_id: 'rr_interval', attribute_type: 'rr_interval', sampling_rate: 0 },
      },
    ]);
    expect(pushed('measurements_batch').flat()).toEqual([
      { attribute_id: 'heartrate', payload: 61, timestamp: clock.now(), seq: 0 },
      { attribute_id: 'rr_interval', payload: 1000, timestamp: clock.now(), seq: 0 },
    ]);
  });

  it('registers again after each join', async () => {
    const { accept, ingest, pushed, socket, clock } = await setUp();
    await accept();
    ingest([0, 61]);
    ingest([0, 62]);
    expect(pushed('update_attributes')).toHaveLength(1);
    socket.lastJoin.handlers.ended('crashed');
    await clock.advance(1000);
    await accept();
    expect(pushed('update_attributes')).toHaveLength(1);
    expect(pushed('measurements_batch').flat()).toHaveLength(2);
  });

  it('counts bad notifications by code, and the stream goes on', async () => {
    const { accept, ingest, pushed, status } = await setUp();
    await accept();
    ingest([0, 61]);
    ingest([]);
    ingest([0x10, 60]);
    ingest([0, 60, 1]);
    ingest([1, 2, 3], '0000ffff-0000-1000-8000-00805f9b34fb');
    ingest([0, 62]);
    await turns();
    expect(status().badNotifications).toEqual({ 'decode-truncated': 2, 'decode-oversized': 1, 'decode-reserved': 1 });
    expect(pushed('measurements_batch').flat()).toHaveLength(2);
    expect(status().measured).toBe(2);
  });

  it('survives any bytes', async () => {
    const { ingest, status } = await setUp();
    let seed = 7;
    for (let i = 0; i < 3000; i++) {
      const length = (seed = (seed * 1103515245 + 12345) % 2147483648) % 24;
      ingest(Array.from({ length }, (_, k) => (seed >> (k % 16)) & 0xff));
    }
    const { measured, kept, badNotifications } = status();
    expect(kept).toBe(measured);
    expect(Object.values(badNotifications).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  });

  it('keeps the last good config whatever the server pushes, and counts what it cannot read', async () => {
    const { accept, socket, status } = await setUp();
    await accept();
    const push = (payload: unknown): void => socket.lastJoin.handlers.message('backpressure_config', payload);
    for (const odd of [null, 7, [], {}, { paused: true }, 'high']) push(odd);
    expect(status()).toMatchObject({ attention: 'high', paused: false, badNotifications: { 'wire-shape': 6 } });
    push(backpressureToWire(backpressureFor('low', 'critical', true, 1)));
    expect(status()).toMatchObject({ attention: 'low', load: 'critical', memoryProtection: true, paused: true });
    socket.lastJoin.handlers.message('something_new', { a: 1 });
  });

  it('forgets the config of a join that is over', async () => {
    const { accept, socket, status, clock } = await setUp();
    await accept();
    socket.lastJoin.handlers.message(
      'backpressure_config',
      backpressureToWire(backpressureFor('none', 'critical', false, 1)),
    );
    expect(status().paused).toBe(true);
    socket.lastJoin.handlers.ended('crashed');
    await clock.advance(1000);
    socket.lastJoin.handlers.ok({});
    expect(status()).toMatchObject({ paused: false, attention: 'none' });
  });

  it('knows the slow facts; what is not known is absent, not 0', async () => {
    const { ingest, status } = await setUp();
    expect(status().facts).toEqual({});
    ingest([87], BATTERY_LEVEL);
    ingest([1], BODY_SENSOR_LOCATION);
    ingest([0x06, 61]);
    expect(status().facts).toEqual({ battery: 87, bodyLocation: 'chest', contact: true });
    ingest([0x04, 61]);
    expect(status().facts.contact).toBe(false);
    ingest([0x00, 61]);
    expect(status().facts).toEqual({ battery: 87, bodyLocation: 'chest' });
  });

  it('measures the rate of the stream, not of the battery', async () => {
    const { clock, ingest, status } = await setUp();
    ingest([87], BATTERY_LEVEL);
    expect(status().rate).toBe(0);
    for (let i = 0; i < 20; i++) {
      ingest([0, 61]);
      await clock.advance(1000);
    }
    expect(status().rate).toBeCloseTo(1, 0);
    await clock.advance(10_000);
    expect(status().rate).toBe(0);
  });

  it('takes readings of sources without a radio: registered, dated, shown by field, and their streams reported', async () => {
    const { clock, pipeline, live, pushed, status, accept } = await setUp();
    await accept();
    const attributes = [{ attribute: 'accelerometer', attributeType: 'accelerometer', samplingRate: 2 }];
    const now = clock.now();
    pipeline.ingestReadings(
      [
        {
          kind: 'numeric',
          attribute: 'accelerometer',
          values: Float32Array.of(1, 2, 3, 4, 5, 6),
          fields: ['x', 'y', 'z'],
          timing: { kind: 'host', times: Float64Array.of(now - 500, now) },
        },
      ],
      attributes,
      now,
    );
    await clock.advance(300);
    const measured = pushed('measurements_batch').flat();
    expect(measured).toMatchObject([
      { attribute_id: 'accelerometer', payload: { x: 1, y: 2, z: 3 }, timestamp: now - 500 },
      { attribute_id: 'accelerometer', payload: { x: 4, y: 5, z: 6 }, timestamp: now },
    ]);
    expect(pushed('update_attributes')).toMatchObject([{ attribute_id: 'accelerometer' }]);
    expect(live.map(({ attribute }) => attribute)).toEqual(['accelerometer/x', 'accelerometer/y', 'accelerometer/z']);
    expect(status().streams).toMatchObject([
      { attribute: 'accelerometer', requestedRate: 2, samples: 2, lost: 0, estimated: false, lastAt: now },
    ]);
  });

  it('counts what a source without a radio says beside its readings', async () => {
    const { clock, pipeline, status, accept } = await setUp();
    await accept();
    const attributes = [{ attribute: 'eeg_1', attributeType: 'eeg', samplingRate: 250 }];
    const notes = (lost: number, problems: number) => ({
      lost: { eeg_1: lost },
      problems: { 'decode-checksum': problems, 'serial-overrun': 1 },
      device: { format: 'COBS frames' },
    });
    pipeline.ingestReadings([], attributes, clock.now(), notes(2, 3));
    const timing = { kind: 'arrival' } as const;
    const reading = { kind: 'numeric', attribute: 'eeg_1', values: Float32Array.of(1), timing } as const;
    pipeline.ingestReadings([reading], attributes, clock.now(), notes(5, 1));
    expect(status().streams).toMatchObject([{ attribute: 'eeg_1', samples: 1, lost: 7 }]);
    expect(status().badNotifications).toEqual({ 'decode-checksum': 4, 'serial-overrun': 2 });
    expect(status().facts.device).toEqual({ format: 'COBS frames' });
  });

  it('estimates heart rate variability from a minute of RR intervals, registered as an estimate', async () => {
    const { clock, ingest, status, pushed, accept, live, outbox } = await setUp();
    await accept();
    for (let beat = 0; beat < 90; beat++) {
      // 1000 ms and 1031.25 ms in turn: successive differences of 31.25 ms.
      ingest([0x10, 60, beat % 2 === 0 ? 0x00 : 0x20, 0x04]);
      await clock.advance(1000);
    }
    const rmssd = live.filter(({ attribute }) => attribute === 'hrv/rmssd').flatMap(({ values }) => [...values]);
    expect(rmssd.length).toBeGreaterThan(3);
    expect(Math.abs((rmssd.at(-1) ?? NaN) - 31.25)).toBeLessThan(0.5);
    expect(outbox.attributes('s1').find(({ attribute }) => attribute === 'hrv')?.measured).toBe(rmssd.length);
    expect(status().streams.find(({ attribute }) => attribute === 'hrv')).toMatchObject({ estimated: true });
    // The server answered nothing for a while, so the channel is a new one by now.
    await accept();
    const registered = pushed('update_attributes').find(
      (one) => (one as { attribute_id: string }).attribute_id === 'hrv',
    );
    expect(registered).toMatchObject({ metadata: { estimated: true, attribute_type: 'hrv' } });
  });

  it('passes commands of the platform on', async () => {
    const { socket, commands, accept, status } = await setUp();
    await accept();
    socket.lastJoin.handlers.message('device_command', { command: 'stop', device_id: 's1' });
    socket.lastJoin.handlers.message('device_command', { command: 'explode', device_id: 's1' });
    expect(commands).toEqual([{ sensorId: 's1', command: { command: 'stop' } }]);
    expect(status().badNotifications).toEqual({ 'command-unsupported': 1 });
  });

  it('shows what is measured whether or not there is a server', async () => {
    const { clock, ingest, live, socket } = await setUp();
    socket.drop();
    ingest([0x10, 61, 0x00, 0x04]);
    await clock.advance(50);
    expect(live.map(({ origin, attribute, values }) => [origin, attribute, ...values])).toEqual([
      ['own', 'heartrate', 61],
      ['own', 'rr_interval', 1000],
    ]);
  });

  it('a lost link starts clocks anew and keeps what was held', async () => {
    const { clock, ingest, pipeline, accept, pushed, status } = await setUp();
    ingest([0x10, 61, 0x00, 0x04]);
    await clock.advance(100);
    pipeline.linkLost();
    expect(status().rate).toBe(0);
    ingest([0x10, 61, 0x00, 0x04]);
    await accept();
    const beats = pushed('measurements_batch').flat() as { attribute_id: string; timestamp: number }[];
    const times = beats.filter((beat) => beat.attribute_id === 'rr_interval').map((beat) => beat.timestamp);
    expect(times).toEqual([clock.now() - 100, clock.now()]);
  });

  it('status is plain data', async () => {
    const { accept, ingest, status } = await setUp();
    await accept();
    ingest([0x06, 61]);
    expect(structuredClone(status())).toEqual(status());
  });

  it('closing asks for confirmation, then leaves', async () => {
    const { accept, ingest, pipeline, socket, pushed, status } = await setUp();
    await accept('none');
    ingest([0, 61]);
    const closed = close(pipeline);
    await turns();
    expect(pushed('measurements_batch').flat()).toHaveLength(1);
    const ping = socket.lastJoin.pushed.find((push) => push.event === 'ping');
    ping?.onReply?.({ status: 'ok', response: {} });
    await closed;
    expect(status()).toMatchObject({ measured: 1, confirmed: 1, kept: 0 });
    expect(socket.lastJoin.discarded).toBe(true);
  });

  it('closing without a server does not wait', async () => {
    const { clock, socket, ingest, pipeline, status } = await setUp();
    socket.drop();
    ingest([0, 61]);
    let closed = false;
    void close(pipeline).then(() => (closed = true));
    await clock.advance(0);
    expect(closed).toBe(true);
    expect(status().kept).toBe(1);
  });

  it('closing waits three seconds for a server that says nothing', async () => {
    const { clock, accept, ingest, pipeline } = await setUp();
    await accept();
    ingest([0, 61]);
    let closed = false;
    void close(pipeline).then(() => (closed = true));
    await clock.advance(2999);
    expect(closed).toBe(false);
    await clock.advance(1);
    expect(closed).toBe(true);
  });
});

describe('gaps', () => {
  it('of a lost link go into the log and the status, with start, end and cause', async () => {
    const { clock, ingest, pipeline, status, outbox, accept } = await setUp();
    await accept();
    ingest([0x00, 60]);
    const from = clock.now();
    await clock.advance(1000);
    pipeline.linkLost();
    expect(status().gaps).toEqual([{ from, to: undefined, cause: 'link-lost' }]);
    await clock.advance(9000);
    ingest([0x00, 61]);
    const gap = { from, to: from + 10_000, cause: 'link-lost' };
    expect(status().gaps).toEqual([gap]);
    expect(await outbox.gaps('s1')).toEqual([{ sensorId: 's1', ...gap }]);
  });
});

describe('what the log remembers', () => {
  it('is what the sensor is and what it measures, for a time when its device is away; counted by attribute', async () => {
    const { clock, ingest, status, outbox } = await setUp();
    ingest([0x10, 60, 0x00, 0x04]);
    await clock.advance(300);
    const counts = { measured: 1, kept: 1, confirmed: 0, setAside: 0, evicted: 0 };
    expect(status().attributes).toEqual([
      { attribute: 'heartrate', ...counts },
      { attribute: 'rr_interval', ...counts },
    ]);
    const [unsent] = outbox.sensorsWithData();
    expect(unsent?.descriptor).toMatchObject({ sensorId: 's1', name: 'My strap' });
    expect(unsent?.registrations.map(({ attribute }) => attribute)).toEqual(['heartrate', 'rr_interval']);
  });
});

describe('skeletons', () => {
  const registration = (ring?: number) => ({
    ...{ attribute: 'skeleton', attributeType: 'skeleton', samplingRate: 30, ...(ring !== undefined && { ring }) },
  });
  const reading = (times: number[], payloads: readonly Json[]): Reading => ({
    ...{ kind: 'structured', attribute: 'skeleton', payloads },
    timing: { kind: 'host', times: Float64Array.from(times) },
  });
  const payload = (x: number): Json => ({ mode: 'full', landmarks: [{ x, y: 0.5, z: -0.1, v: 1 }] });

  it('are live as points, are sent as objects, and are no part of the status', async () => {
    const { accept, pipeline, pushed, skeletons, status, clock } = await setUp();
    await accept();
    const now = clock.now();
    const points = Float32Array.of(0.75, 0.5, -0.1, 1);
    pipeline.ingestReadings([reading([now - 33, now], [payload(0.25), payload(0.75)])], [registration()], now);
    await clock.advance(50);
    expect(skeletons).toEqual([
      { kind: 'skeleton', origin: 'own', sensorId: 's1', attribute: 'skeleton', time: now, aspect: 4 / 3, points },
    ]);
    const [stream] = status().streams;
    expect(stream).toMatchObject({ attribute: 'skeleton', samples: 2, lastAt: now, requestedRate: 30 });
    expect(stream).not.toHaveProperty('latest');
    await clock.advance(1000);
    expect(pushed('measurements_batch').flat()).toMatchObject([{ payload: payload(0.25) }, { payload: payload(0.75) }]);
  });

  it('that are none are counted, and kept all the same', async () => {
    const { pipeline, status, skeletons, clock, outbox } = await setUp();
    pipeline.ingestReadings([reading([clock.now()], [{ mode: 'face' }])], [registration()], clock.now());
    await clock.advance(50);
    pipeline.flush();
    expect([skeletons, status().badNotifications]).toEqual([[], { 'wire-shape': 1 }]);
    expect(outbox.depth('s1').measured).toBe(1);
  });

  it('are kept as a ring, or all, as the source says at the moment; the server is told once', async () => {
    const { accept, pipeline, outbox, pushed, clock } = await setUp();
    const feed = (count: number, ring?: number): void => {
      for (let i = 0; i < count; i++) {
        pipeline.ingestReadings([reading([clock.now()], [payload(0.5)])], [registration(ring)], clock.now());
      }
      pipeline.flush();
    };
    feed(50, 10);
    const { kept, evicted } = outbox.depth('s1');
    expect([9, 10]).toContain(kept);
    expect(kept + evicted).toBe(50);
    feed(50);
    expect(outbox.depth('s1').kept).toBe(kept + 50);
    feed(1, 20);
    expect(outbox.depth('s1').kept).toBeLessThanOrEqual(20);
    await accept();
    expect(pushed('update_attributes')).toHaveLength(1);
  });
});
