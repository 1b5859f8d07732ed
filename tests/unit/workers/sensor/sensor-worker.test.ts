import { describe, expect, it } from 'vitest';
import type { RestClient } from '../../../../src/channel/rest-client.ts';
import { HEART_RATE_MEASUREMENT } from '../../../../src/device/profiles/heart-rate.ts';
import { appError } from '../../../../src/model/errors.ts';
import { fail, ok } from '../../../../src/model/result.ts';
import { memorySettings, type SettingsStore } from '../../../../src/outbox/database.ts';
import { createMemoryOutbox } from '../../../../src/outbox/memory-outbox.ts';
import type { WorkerStatus } from '../../../../workers/sensor/api.ts';
import { SensorWorker } from '../../../../workers/sensor/sensor-worker.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { ScriptedSocket } from '../../channel/scripted-socket.ts';

const GUEST = { guest_id: 'g', token: 't', bearer_token: 'guest:g:t', socket_token: 'socket-g' };
const STRAP = { sensorId: 's1', name: 'Strap', sensorType: 'heart_rate_strap', demo: false };

interface Options {
  readonly mintGuest?: RestClient['mintGuest'];
  readonly openSettings?: () => Promise<SettingsStore>;
}

function setUp({ mintGuest, openSettings }: Options = {}) {
  const clock = createManualClock();
  const outbox = createMemoryOutbox(0);
  const sockets: { readonly socket: ScriptedSocket; readonly params: () => object }[] = [];
  const worker = new SensorWorker({
    clock,
    random: () => 0,
    fillRandom: (target) => target.fill(7),
    openSettings: openSettings ?? (() => Promise.resolve(memorySettings())),
    outbox,
    rest: {
      mintGuest: mintGuest ?? (() => Promise.resolve(ok(GUEST))),
      mintViewerToken: () => Promise.resolve(fail(appError('server-no-viewer-tokens', 'HTTP 404'))),
    },
    makeSocket(params, handlers) {
      const socket = new ScriptedSocket(handlers, () => clock.now());
      sockets.push({ socket, params });
      return socket;
    },
  });
  const [first] = sockets;
  if (!first) throw new Error('no socket was made');
  const statuses: { readonly at: number; readonly status: WorkerStatus }[] = [];
  // What cannot be cloned throws here, as it would in a real port.
  const port = (post: (message: unknown) => void) => ({ postMessage: post }) as unknown as MessagePort;
  void worker.attach({
    live: port((message) => void structuredClone(message)),
    status: port((message) => statuses.push({ at: clock.now(), status: structuredClone(message) as WorkerStatus })),
  });
  return {
    clock,
    worker,
    outbox,
    statuses,
    ...first,
    status(): WorkerStatus {
      const last = statuses.at(-1);
      if (!last) throw new Error('no status yet');
      return last.status;
    },
    beat: (bpm: number) => worker.ingest('s1', HEART_RATE_MEASUREMENT, Uint8Array.of(0, bpm).buffer, clock.now()),
  };
}

type World = ReturnType<typeof setUp>;

/** Connected, one sensor joined. */
async function streaming(): Promise<World> {
  const world = setUp();
  await world.worker.openSensor(STRAP);
  await world.clock.advance(0);
  world.socket.open();
  await world.clock.advance(0);
  world.socket.lastJoin.handlers.ok({});
  return world;
}

describe('starting', () => {
  it('makes a guest, then connects as that guest', async () => {
    const { clock, worker, socket, params } = setUp();
    expect(await worker.start()).toEqual(ok(undefined));
    await clock.advance(0);
    expect(socket.calls).toMatchObject([{ call: 'connect' }]);
    expect(params()).toEqual({ token: 'socket-g' });
  });

  it('does not wait for a server that does not answer: devices and sensors are there', async () => {
    const { clock, worker, socket, status, beat, params } = setUp({ mintGuest: () => new Promise(() => undefined) });
    expect(await worker.start()).toEqual(ok(undefined));
    expect(await worker.remember('d1', 'Polar')).toMatchObject({ ok: true, value: { name: 'Polar' } });
    await worker.openSensor(STRAP);
    beat(61);
    await clock.advance(500);
    expect(status().sensors).toMatchObject([{ measured: 1, kept: 1 }]);
    expect(socket.calls).toEqual([]);
    expect(params()).toEqual({});
  });

  it('connects without a guest where the server makes none', async () => {
    const { clock, worker, socket, params } = setUp({
      mintGuest: () => Promise.resolve(fail(appError('server-no-guests'))),
    });
    await worker.openSensor(STRAP);
    await clock.advance(0);
    socket.open();
    await clock.advance(0);
    expect(params()).toEqual({});
    expect(socket.lastJoin.params).toMatchObject({ bearer_token: 'missing' });
  });

  it('with a storage that fails goes on in memory, and says so', async () => {
    const failing: SettingsStore = {
      ...memorySettings(),
      kind: 'durable',
      get: () => Promise.reject(new Error('disk')),
    };
    const { clock, worker, status } = setUp({ openSettings: () => Promise.resolve(failing) });
    expect(await worker.start()).toEqual(ok(undefined));
    expect(await worker.remember('d1', 'Polar')).toMatchObject({ ok: true });
    await clock.advance(500);
    expect(status().storage.kind).toBe('memory');
  });

  it('happens once', async () => {
    const { clock, worker, socket } = setUp();
    await Promise.all([worker.start(), worker.start(), worker.remembered()]);
    await clock.advance(0);
    expect(socket.calls).toHaveLength(1);
  });
});

describe('status', () => {
  it('is told at most four times a second', async () => {
    const { clock, beat, statuses } = await streaming();
    for (let i = 0; i < 200; i++) {
      beat(61);
      await clock.advance(13);
    }
    const at = statuses.map((entry) => entry.at);
    for (let i = 1; i < at.length; i++) expect((at[i] ?? 0) - (at[i - 1] ?? 0)).toBeGreaterThanOrEqual(250);
    expect(at.length).toBeGreaterThan(8);
  });

  it('follows a rate that falls although nothing happens, and then is quiet', async () => {
    const { clock, beat, statuses, status } = await streaming();
    for (let i = 0; i < 10; i++) {
      beat(61);
      await clock.advance(1000);
    }
    await clock.advance(14_000);
    expect(status().sensors[0]?.rate).toBe(0);
    const quiet = statuses.length;
    await clock.advance(60_000);
    expect(statuses.length - quiet).toBeLessThanOrEqual(2);
  });

  it('says why watching is not possible', async () => {
    const { clock, worker, status } = await streaming();
    await worker.watch(true, 'high');
    await clock.advance(500);
    expect(status().watch).toEqual({
      at: 'unavailable',
      error: { code: 'server-no-viewer-tokens', detail: 'HTTP 404' },
    });
    expect(status().connection).toEqual({ at: 'connected' });
    await worker.watch(false, 'high');
    await clock.advance(500);
    expect(status().watch).toEqual({ at: 'off' });
  });
});

describe('sensors', () => {
  it('opened twice are one', async () => {
    const { clock, worker, socket, status } = await streaming();
    await worker.openSensor(STRAP);
    await clock.advance(500);
    expect(status().sensors).toHaveLength(1);
    expect(socket.joins).toHaveLength(1);
  });

  it('opened while they close open anew once they are closed, and take bytes', async () => {
    const { clock, worker, socket, beat, status } = await streaming();
    beat(61);
    const closed = worker.closeSensor('s1');
    const again = worker.closeSensor('s1');
    const opened = worker.openSensor({ ...STRAP, name: 'Renamed' });
    await clock.advance(3000);
    expect(await Promise.all([closed, again, opened])).toEqual([ok(undefined), ok(undefined), ok(undefined)]);
    await clock.advance(600);
    expect(socket.joins).toHaveLength(2);
    expect(socket.lastJoin.params).toMatchObject({ sensor_name: 'Renamed' });
    beat(62);
    await clock.advance(500);
    expect(status().sensors).toMatchObject([{ measured: 2, kept: 2 }]);
  });

  it('closed while their join waits are never joined', async () => {
    const { clock, worker, socket, status } = setUp();
    await worker.openSensor(STRAP);
    await worker.closeSensor('s1');
    socket.open();
    await clock.advance(5000);
    expect(socket.joins).toEqual([]);
    expect(status().sensors).toEqual([]);
  });

  it('that are not open take no bytes and need no closing', async () => {
    const { worker, beat } = setUp();
    beat(61);
    worker.linkLost('s1');
    expect(await worker.closeSensor('s1')).toEqual(ok(undefined));
  });
});

describe('the page', () => {
  it('that hides or goes writes what is held to the log', async () => {
    const { worker, beat, outbox } = await streaming();
    for (const event of ['hidden', 'pagehide'] as const) {
      const before = outbox.depth('s1').kept;
      beat(61);
      expect(outbox.depth('s1').kept).toBe(before);
      worker.pageEvent(event);
      expect(outbox.depth('s1').kept).toBe(before + 1);
    }
  });

  it('that goes offline and online is followed', async () => {
    const { clock, worker, socket, status } = await streaming();
    worker.pageEvent('offline');
    socket.drop();
    await clock.advance(500);
    expect(status().connection.at).toBe('offline');
    worker.pageEvent('online');
    await clock.advance(500);
    expect(socket.calls.at(-1)?.call).toBe('reconnect');
    expect(status().connection.at).toBe('connecting');
  });
});

describe('settings', () => {
  it('a new connector name reaches joined sensors, and a bad one nobody', async () => {
    const { clock, worker, socket, status } = await streaming();
    expect(await worker.setConnectorName(' Tablet 7 ')).toEqual(ok(undefined));
    expect(await worker.setConnectorName('')).toEqual(fail(appError('connector-name-invalid')));
    await clock.advance(500);
    expect(status().connectorName).toBe('Tablet 7');
    expect(socket.lastJoin.pushed.filter((push) => push.event === 'update_connector')).toMatchObject([
      { payload: { connector_name: 'Tablet 7' } },
    ]);
  });

  it('a token is checked before it is used, and then used at once', async () => {
    const { clock, worker, socket, status } = await streaming();
    expect(await worker.useAccessToken('two words')).toMatchObject({ ok: false });
    socket.lastJoin.handlers.ended('crashed');
    await clock.advance(1000);
    socket.lastJoin.handlers.refused('unauthorized');
    await clock.advance(1000);
    socket.lastJoin.handlers.refused('unauthorized');
    await clock.advance(500);
    expect(status().connection).toEqual({ at: 'refused', error: { code: 'server-unauthorized' } });
    expect(await worker.useAccessToken(' jwt ')).toEqual(ok(undefined));
    await clock.advance(0);
    expect(socket.lastJoin.params).toMatchObject({ bearer_token: 'jwt' });
  });

  it('devices are renamed and forgotten', async () => {
    const { worker } = setUp();
    await worker.remember('d1', 'Polar');
    expect(await worker.rename('d1', 'Mine')).toEqual(ok(undefined));
    expect(await worker.remembered()).toMatchObject([{ deviceId: 'd1', name: 'Mine', deviceName: 'Polar' }]);
    expect(await worker.forget('d1')).toEqual(ok(undefined));
    expect(await worker.remembered()).toEqual([]);
    expect(await worker.rename('d1', 'Mine')).toEqual(fail(appError('bluetooth-device-forgotten')));
  });
});
