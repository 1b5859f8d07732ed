import { describe, expect, it } from 'vitest';
import type { SignalState } from '../../../src/app/api.ts';
import { signalState } from '../../../src/app/signal-state.ts';
import { createApp } from '../../../src/app/sensocto-app.ts';
import type { BluetoothEdges } from '../../../src/app/device-origin.ts';
import { createLink } from '../../../src/device/bluetooth/link.ts';
import { PROFILES } from '../../../src/device/profiles/registry.ts';
import { taughtProfiles } from '../../../src/device/profiles/taught.ts';
import { createScriptedRadio, type ScriptedRadioOptions } from '../../../src/device/demo/scripted-radio.ts';
import { appError } from '../../../src/model/errors.ts';
import { ok } from '../../../src/model/result.ts';
import type { WorkerStatus } from '../../../workers/sensor/api.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createScriptedWorker } from './scripted-worker.ts';

function setUp(options: ScriptedRadioOptions & { readonly loadLink?: BluetoothEdges['loadLink'] } = {}) {
  const clock = createManualClock();
  const worker = createScriptedWorker();
  const bytes: string[] = [];
  const persisted = { count: 0 };
  const edges = { timers: clock, now: () => clock.now() };
  const radio = createScriptedRadio({ ...edges, ...options });
  const demoRadio = createScriptedRadio(edges);
  const { app, input } = createApp({
    radio,
    demoRadio,
    loadLink: options.loadLink ?? (() => Promise.resolve({ createLink, profiles: PROFILES, taughtProfiles })),
    worker,
    openSocket: () => {
      throw new Error('not here');
    },
    loadPhone: () => Promise.reject(new Error('not here')),
    loadPose: () => Promise.reject(new Error('not here')),
    loadSerial: () => Promise.reject(new Error('not here')),
    serialProblem: undefined,
    ingestReadings: () => undefined,
    ingest: (sensorId, characteristic) => bytes.push(`${sensorId} ${characteristic.slice(4, 8)}`),
    clock,
    random: () => 0.5,
    requestPersistence: () => {
      persisted.count += 1;
      return Promise.resolve(ok(true));
    },
    persistsQuietly: true,
  });
  return {
    clock,
    worker,
    radio,
    bytes,
    persisted,
    app,
    input,
    signals: (): SignalState['kind'][] => app.devices.get().map((device) => signalState(device, clock.now()).kind),
    names: () => app.devices.get().map((device) => device.name),
    /** Lets an action that needs the radio finish. */
    async during<T>(action: Promise<T>, ms = 5000): Promise<T> {
      await clock.advance(ms);
      return action;
    },
  };
}

const STATUS: WorkerStatus = {
  connection: { at: 'connected' },
  watch: { at: 'off' },
  watched: [],
  unreadable: 0,
  sensors: [],
  connectorName: 'Tablet',
  storage: { kind: 'durable', persisted: undefined, usage: undefined, quota: undefined, logBytes: 0 },
  totals: { measured: 0, kept: 0, confirmed: 0, setAside: 0, evicted: 0, oldestUnsentAt: undefined },
  waiting: [],
  commands: [],
  server: {},
};

describe('a device', () => {
  it('is remembered, opened in the worker, linked, and its bytes go to the worker', async () => {
    const { app, worker, bytes, signals, during } = setUp();
    expect(await during(app.tryDemo())).toEqual(ok(undefined));
    expect(worker.calls).toEqual(['remember demo-strap-1', 'openSensor sensor-of-demo-strap-1 as Demo strap 1']);
    expect(signals()).toEqual(['live']);
    expect(app.devices.get()[0]).toMatchObject({ deviceId: 'demo-strap-1', demo: true });
    expect(bytes.filter((one) => one === 'sensor-of-demo-strap-1 2a37').length).toBeGreaterThan(2);
    expect(app.isStreaming()).toBe(true);
  });

  it('whose code cannot be fetched is said, and can be tried again', async () => {
    const loads = [
      Promise.reject(new TypeError('failed to fetch')),
      Promise.resolve({ createLink, profiles: PROFILES, taughtProfiles }),
    ];
    const { app, signals, during } = setUp({
      loadLink: () => loads.shift() ?? Promise.resolve({ createLink, profiles: PROFILES, taughtProfiles }),
    });
    expect(await during(app.tryDemo())).toEqual({
      ok: false,
      error: appError('unexpected', 'TypeError: failed to fetch'),
    });
    expect(app.devices.get()).toEqual([]);
    expect(await during(app.tryDemo())).toEqual(ok(undefined));
    expect(signals()).toEqual(['live']);
  });

  it('that is not chosen changes nothing', async () => {
    const { app, worker, during } = setUp({ refuseRequests: ['bluetooth-cancelled'] });
    expect(await during(app.pairBluetooth())).toMatchObject({ ok: false, error: { code: 'bluetooth-cancelled' } });
    expect(app.devices.get()).toEqual([]);
    expect(worker.calls).toEqual([]);
  });

  it('stops, stays listed, and starts again', async () => {
    const { app, worker, signals, bytes, clock, during } = setUp();
    await during(app.tryDemo());
    await during(app.stop('demo-strap-1'));
    expect(signals()).toEqual(['stopped']);
    expect(app.isStreaming()).toBe(false);
    expect(worker.calls).toContain('closeSensor sensor-of-demo-strap-1');
    const quiet = bytes.length;
    await clock.advance(10_000);
    expect(bytes.length).toBe(quiet);
    await during(app.reconnect('demo-strap-1'));
    expect(signals()).toEqual(['live']);
    expect(bytes.length).toBeGreaterThan(quiet);
  });

  it('stopped while the worker still opens it stays stopped', async () => {
    const { app, worker, signals, during } = setUp();
    worker.hold('openSensor');
    const tried = app.tryDemo();
    await during(Promise.resolve());
    await during(app.stop('demo-strap-1'));
    worker.release();
    await during(tried);
    expect(signals()).toEqual(['stopped']);
    expect(worker.calls.at(-1)).toBe('closeSensor sensor-of-demo-strap-1');
  });

  it('stopped and wanted again while the worker still opens it runs', async () => {
    const { app, worker, signals, during } = setUp();
    worker.hold('openSensor');
    const tried = app.tryDemo();
    await during(Promise.resolve());
    await during(app.stop('demo-strap-1'));
    const again = app.reconnect('demo-strap-1');
    worker.release();
    await during(Promise.all([tried, again]));
    expect(signals()).toEqual(['live']);
    expect(worker.calls.filter((call) => call.startsWith('closeSensor'))).toHaveLength(1);
  });

  it('renamed has its new name here, and there at the next start', async () => {
    const { app, worker, names, during } = setUp();
    await during(app.tryDemo());
    expect(await during(app.rename('demo-strap-1', '  Anna '))).toEqual(ok(undefined));
    expect(names()).toEqual(['Anna']);
    await during(app.stop('demo-strap-1'));
    await during(app.reconnect('demo-strap-1'));
    expect(worker.calls.at(-1)).toBe('openSensor sensor-of-demo-strap-1 as Anna');
    await during(app.rename('demo-strap-1', ' '));
    expect(names()).toEqual(['Demo strap 1']);
  });

  it('forgotten is gone from the list, then from storage, then from the server', async () => {
    const { app, input, worker, clock, during } = setUp();
    await during(app.tryDemo());
    const sensorId = 'sensor-of-demo-strap-1';
    input.live({
      ...{ origin: 'own', sensorId, attribute: 'heartrate' },
      times: Float64Array.of(clock.now()),
      values: Float32Array.of(61),
    });
    worker.hold('closeSensor');
    const forgotten = app.forget('demo-strap-1');
    await during(Promise.resolve());
    expect(app.devices.get()).toEqual([]);
    expect(worker.known.size).toBe(0);
    expect(worker.calls.slice(-2)).toEqual(['forget demo-strap-1', `closeSensor ${sensorId}`]);
    worker.release();
    expect(await during(forgotten)).toEqual(ok(undefined));
    expect(app.live.ring('own', sensorId, 'heartrate').length).toBe(0);
  });

  it('nobody knows is said to be none', async () => {
    const { app } = setUp();
    const unknown = { ok: false, error: appError('bluetooth-device-forgotten') };
    expect(await app.stop('x')).toEqual(unknown);
    expect(await app.reconnect('x')).toEqual(unknown);
    expect(await app.forget('x')).toEqual(unknown);
    expect(await app.rename('x', 'y')).toEqual(unknown);
  });

  it('shows the counts of its own sensor', async () => {
    const { app, input, during } = setUp();
    await during(app.tryDemo());
    await during(app.tryDemo());
    const facts = {
      channel: { at: 'joined' },
      attention: 'none',
      load: 'normal',
      memoryProtection: false,
      loadMultiplier: 1,
      streams: [],
    } as const;
    const counts = { paused: false, measured: 5, kept: 0, confirmed: 5, setAside: 0, evicted: 0, rate: 1 };
    const account = { oldestUnsentAt: undefined, drain: undefined, gaps: [], attributes: [] };
    input.status({
      ...STATUS,
      sensors: [
        { ...facts, ...counts, ...account, sensorId: 'sensor-of-demo-strap-2', badNotifications: {}, facts: {} },
      ],
    });
    expect(app.devices.get().map((device) => device.status?.measured)).toEqual([undefined, 5]);
    expect(app.statusLine.get()).toEqual({ kind: 'connected', sending: 1 });
  });
});

describe('storage', () => {
  it('is asked to last once something is kept in it, and only once', () => {
    const { input, persisted } = setUp();
    const storage = { ...STATUS.storage, persisted: false };
    input.status({ ...STATUS, storage });
    expect(persisted.count).toBe(0);
    for (let i = 0; i < 3; i++) input.status({ ...STATUS, storage, totals: { ...STATUS.totals, measured: 1 } });
    expect(persisted.count).toBe(1);
  });
});

describe('starting', () => {
  it('brings back the devices this installation remembers, and no others', async () => {
    const { app, input, worker, names, signals, during } = setUp({ remembered: ['demo-strap-1', 'demo-strap-2'] });
    await worker.remember('demo-strap-2', 'Demo strap 2');
    await during(input.start(), 10_000);
    expect(names()).toEqual(['Demo strap 2']);
    expect(signals()).toEqual(['live']);
    expect(app.bluetooth.get()).toEqual({ at: 'ready', canReturn: true });
  });

  it('a device chosen while it comes back by itself is linked once', async () => {
    const { app, input, worker, radio, during } = setUp({ remembered: ['demo-strap-1'] });
    await worker.remember('demo-strap-1', 'Demo strap 1');
    const [strap] = await radio.known();
    if (!strap) throw new Error('no strap');
    // The chooser offers the same device that is about to return.
    radio.request = () => Promise.resolve(ok(strap));
    worker.hold('remember');
    const started = input.start();
    const paired = app.pairBluetooth();
    await during(Promise.resolve());
    worker.release();
    await during(Promise.all([started, paired]), 10_000);
    expect(app.devices.get()).toHaveLength(1);
    expect(app.devices.get()[0]?.link.at).toBe('live');
  });

  it('without Bluetooth says why, and the demo works all the same', async () => {
    const { app, input, radio, signals, during } = setUp();
    radio.setAdapter(false);
    await during(input.start());
    expect(app.bluetooth.get()).toMatchObject({ at: 'unavailable', error: { code: 'bluetooth-adapter-off' } });
    await during(app.tryDemo());
    expect(signals()).toEqual(['live']);
  });

  it('that fails is said', async () => {
    const { app, input, worker, during } = setUp();
    Object.assign(worker, { remembered: () => Promise.reject(new Error('defect')) });
    await during(input.start());
    expect(app.statusLine.get()).toEqual({ kind: 'failed', error: appError('worker-crashed', 'Error: defect') });
  });
});

describe('the status line', () => {
  it('counts down with the clock, and tells only changes', async () => {
    const { app, input, clock } = setUp();
    const connection = { at: 'reconnecting', attempt: 1, retryAt: clock.now() + 5000, reason: 'closed 1006' } as const;
    let told = 0;
    app.statusLine.subscribe(() => (told += 1));
    input.status({ ...STATUS, connection });
    input.status({ ...STATUS, connection });
    input.tick();
    expect(told).toBe(1);
    await clock.advance(2000);
    input.tick();
    expect(app.statusLine.get()).toMatchObject({ kind: 'reconnecting', inSeconds: 3 });
    expect(app.now.get()).toBe(clock.now());
  });

  it('says that the worker failed until it is heard again', () => {
    const { app, input } = setUp();
    input.workerCrashed('out of memory');
    input.tick();
    expect(app.statusLine.get()).toEqual({ kind: 'failed', error: appError('worker-crashed', 'out of memory') });
    input.status(STATUS);
    expect(app.statusLine.get()).toEqual({ kind: 'connected', sending: 0 });
  });
});

it('passes on what the worker does', async () => {
  const { app, worker } = setUp();
  await app.setConnectorName('Tablet 7');
  await app.useAccessToken('jwt');
  app.watch(true);
  app.setVisibleSensors(['a', 'b']);
  app.focusSensors(['b']);
  app.retryNow();
  expect(worker.calls).toEqual([
    'setConnectorName Tablet 7',
    'useAccessToken jwt',
    'watch true high',
    'setVisibleSensors a b',
    'focusSensors b',
    'retryNow',
  ]);
});
