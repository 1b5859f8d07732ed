/** The proof as the worker gives it, on the app's own log: certificates, what is set aside, where samples are kept. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeCertificate, sumTallies } from '../../../../src/app/certificate.ts';
import { HEART_RATE_MEASUREMENT } from '../../../../src/device/profiles/heart-rate.ts';
import { appError } from '../../../../src/model/errors.ts';
import { fail, ok } from '../../../../src/model/result.ts';
import { memorySettings } from '../../../../src/outbox/database.ts';
import { parseRecord } from '../../../../src/outbox/row.ts';
import type { SensorProof } from '../../../../src/model/proof.ts';
import type { WorkerStatus } from '../../../../workers/sensor/api.ts';
import { SensorWorker } from '../../../../workers/sensor/sensor-worker.ts';
import {
  behindItsBack,
  flatten,
  FULL,
  installIndexedDb,
  openLab,
  readAll,
  samples,
  type Lab,
} from '../../../support/outbox-lab.ts';
import { createManualClock, type ManualClock } from '../../../support/manual-clock.ts';
import { ScriptedSocket } from '../../channel/scripted-socket.ts';

const STRAP = { sensorId: 's1', name: 'Strap', sensorType: 'heart_rate_strap', demo: false };
const GUEST = { guest_id: 'g', token: 't', bearer_token: 'guest:g:t', socket_token: 'socket-g' };

beforeEach(installIndexedDb);
afterEach(() => vi.unstubAllGlobals());

interface World {
  readonly worker: SensorWorker;
  readonly lab: Lab;
  readonly clock: ManualClock;
  readonly socket: () => ScriptedSocket;
  status(): WorkerStatus;
  beat(bpm: number): void;
  certificate(sensorId?: string): Promise<readonly SensorProof[]>;
}

/** A worker that starts on what the disk holds. Its server never answers unless the test says so. */
async function start(clock = createManualClock()): Promise<World> {
  const listener = { changed: (): void => undefined };
  const lab = await openLab({ clock, onChange: () => listener.changed() });
  let socket: ScriptedSocket | undefined;
  const worker = new SensorWorker({
    clock,
    random: () => 0,
    fillRandom: (target) => target.fill(7),
    openSettings: () => Promise.resolve(memorySettings()),
    outbox: lab.outbox,
    rest: {
      mintGuest: () => Promise.resolve(ok(GUEST)),
      mintViewerToken: () => Promise.resolve(fail(appError('server-no-viewer-tokens'))),
    },
    makeSocket: (_params, handlers) => (socket = new ScriptedSocket(handlers, () => clock.now())),
  });
  listener.changed = () => worker.logChanged();
  let last: WorkerStatus | undefined;
  const port = (post: (message: unknown) => void) => ({ postMessage: post }) as unknown as MessagePort;
  await worker.attach({
    live: port(() => undefined),
    status: port((message) => (last = structuredClone(message) as WorkerStatus)),
  });
  await worker.start();
  return {
    worker,
    lab,
    clock,
    socket() {
      if (!socket) throw new Error('no socket was made');
      return socket;
    },
    status() {
      if (!last) throw new Error('no status yet');
      return last;
    },
    beat: (bpm) => worker.ingest('s1', HEART_RATE_MEASUREMENT, Uint8Array.of(0, bpm).buffer, clock.now()),
    async certificate(sensorId) {
      const facts = await worker.certificate(sensorId);
      if (!facts.ok) throw new Error(facts.error.code);
      return facts.value.sensors;
    },
  };
}

/** An earlier run: ten samples of a closed sensor, two of which were refused, three confirmed. */
async function earlier(clock: ManualClock): Promise<void> {
  const { outbox } = await openLab({ clock });
  outbox.describe({ ...STRAP, sensorId: 'old', name: 'Old strap' });
  outbox.append('old', samples('heartrate', 10));
  const all = await readAll(outbox, 'old');
  await outbox.confirm('old', all[2]?.id ?? 0);
  await outbox.setAsideSamples('old', all[4]?.id ?? 0, 2, 'invalid_batch');
  await outbox.close();
}

/** Everything that waits is confirmed, as a server would. */
async function deliver({ outbox }: Lab, sensorId: string): Promise<void> {
  const read = flatten(await outbox.read(sensorId, undefined, 10_000));
  await outbox.confirm(sensorId, read.at(-1)?.id ?? -1);
}

describe('a certificate', () => {
  it('tells of each reading when it was measured, under which numbers, and what became of it', async () => {
    const { worker, clock, beat, certificate, lab } = await start();
    await worker.openSensor(STRAP);
    const from = clock.now();
    for (let i = 0; i < 5; i++) {
      beat(60 + i);
      await clock.advance(1000);
    }
    await deliver(lab, 's1');
    // Still between the packet and the log.
    beat(70);
    const [proof] = await certificate();
    expect(proof).toMatchObject({ sensorId: 's1', name: 'Strap', measured: 6, kept: 1, confirmed: 5 });
    expect(proof?.attributes).toEqual([
      {
        ...{ attribute: 'heartrate', measured: 6, kept: 1, confirmed: 5, setAside: 0, evicted: 0 },
        ...{ firstTime: from, lastTime: from + 5000, seq: [[0, 5]] },
      },
    ]);
  });

  it('counts what waited from an earlier run, and not what had been answered for in it', async () => {
    const clock = createManualClock();
    await earlier(clock);
    const world = await start(clock);
    const [waiting] = await world.certificate();
    expect(waiting).toMatchObject({ sensorId: 'old', name: 'Old strap', measured: 5, kept: 5, setAside: 0 });
    await deliver(world.lab, 'old');
    const [sent] = await world.certificate('old');
    expect(sent).toMatchObject({ measured: 5, kept: 0, confirmed: 5 });
    expect(sent?.attributes[0]).toMatchObject({ firstTime: 1_700_000_000_050, seq: [[5, 9]] });
  });

  it('adds up, by reading, by sensor and in total, whatever happened', async () => {
    const clock = createManualClock();
    await earlier(clock);
    const world = await start(clock);
    await world.worker.openSensor(STRAP);
    for (let i = 0; i < 40; i++) {
      world.beat(60 + i);
      await clock.advance(250);
    }
    const read = flatten(await world.lab.outbox.read('s1', undefined, 30));
    await world.lab.outbox.confirm('s1', read[19]?.id ?? 0);
    await world.lab.outbox.setAsideSamples('s1', read[25]?.id ?? 0, 3, 'invalid_batch');
    const facts = await world.worker.certificate(undefined);
    if (!facts.ok) throw new Error(facts.error.code);
    const { totals, missing, sensors } = makeCertificate(facts.value, 'https://sensors.example');
    expect(totals).toEqual({ measured: 45, kept: 22, confirmed: 20, setAside: 3, evicted: 0 });
    for (const one of [totals, ...sensors, ...sensors.flatMap(({ attributes }) => attributes)]) {
      expect(one.measured).toBe(one.kept + one.confirmed + one.setAside + one.evicted);
    }
    for (const { attributes, ...sensor } of sensors) expect(sensor).toMatchObject(sumTallies(attributes));
    expect(missing.map(({ kind }) => kind)).not.toContain('unaccounted');
  });

  it('has the sensors that were closed in the session, and not those that had nothing to do with it', async () => {
    const clock = createManualClock();
    const before = await openLab({ clock });
    before.outbox.append('done', samples('ecg', 5));
    await deliver(before, 'done');
    await before.outbox.close();
    const world = await start(clock);
    expect(await world.certificate()).toEqual([]);
    expect(await world.certificate('never heard of')).toEqual([]);
    await world.worker.openSensor(STRAP);
    world.beat(61);
    await clock.advance(500);
    await deliver(world.lab, 's1');
    await world.worker.closeSensor('s1');
    await clock.advance(500);
    expect(world.status().sensors).toEqual([]);
    expect(await world.certificate()).toMatchObject([{ sensorId: 's1', measured: 1, confirmed: 1 }]);
    expect(world.lab.outbox.sensors()).not.toContain('never heard of');
  });

  it('has the gaps of its time, those that go on included', async () => {
    const clock = createManualClock();
    const before = await openLab({ clock });
    before.outbox.recordGap({ sensorId: 's1', from: clock.now() - 9000, to: clock.now() - 8000, cause: 'paused' });
    await before.outbox.close();
    const world = await start(clock);
    await world.worker.openSensor(STRAP);
    world.beat(61);
    world.worker.linkLost('s1');
    const lostAt = clock.now();
    await clock.advance(4000);
    expect((await world.certificate())[0]?.gaps).toEqual([{ from: lostAt, to: undefined, cause: 'link-lost' }]);
    world.beat(62);
    await clock.advance(500);
    expect((await world.certificate())[0]?.gaps).toEqual([{ from: lostAt, to: lostAt + 4000, cause: 'link-lost' }]);
  });
});

describe('what is set aside', () => {
  it('of a closed sensor is told and given out after a reload with no device and no server', async () => {
    const clock = createManualClock();
    await earlier(clock);
    const { worker, status } = await start(clock);
    await clock.advance(500);
    expect(status().aside).toEqual([{ sensorId: 'old', name: 'Old strap', samples: 2, unknown: 0 }]);
    const items = await worker.setAside('old');
    expect(items).toMatchObject({
      ok: true,
      value: [
        { attribute: 'heartrate', reason: 'invalid_batch', samples: 2, firstSeq: 3, content: { kind: 'samples' } },
      ],
    });
    expect(status().totals).toMatchObject({ kept: 5, setAside: 2 });
  });

  it.each([
    ['cut off', (bytes: Uint8Array) => bytes.slice(0, -3), { samples: 5, unknown: 0 }],
    ['replaced by something else', () => undefined, { samples: 5, unknown: 1 }],
  ])('is a record of a closed sensor that was %s, also after one more start', async (_how, change, counted) => {
    const clock = createManualClock();
    const before = await openLab({ clock });
    before.outbox.describe({ ...STRAP, sensorId: 'old', name: 'Old strap' });
    before.outbox.append('old', samples('heartrate', 5));
    await before.outbox.close();
    const [key] = await behindItsBack('log', (store) => store.getAllKeys());
    if (!key) throw new Error('nothing on disk');
    const record = parseRecord(await behindItsBack('log', (store) => store.get(key)));
    const bytes = record && change(record.bytes);
    await behindItsBack('log', (store) => store.put(bytes ? { ...record, bytes } : 'junk', key));

    const finding = await start(clock);
    finding.socket().open();
    await clock.advance(500);
    finding.socket().lastJoin.handlers.ok({});
    await vi.waitFor(async () => {
      await clock.advance(1000);
      expect(finding.status().totals).toMatchObject({ kept: 0, setAside: 5 });
    });
    await clock.advance(5000);
    expect(finding.status().sensors).toEqual([]);
    await finding.lab.outbox.checkpoint();

    const { worker, status } = await start(clock);
    await clock.advance(500);
    expect(status().aside).toEqual([{ sensorId: 'old', name: 'Old strap', ...counted }]);
    expect(await worker.setAside('old')).toMatchObject({
      ok: true,
      value: [{ reason: 'block-corrupt', content: { kind: 'unreadable' } }],
    });
  });

  it('is given out whole, however much it is', async () => {
    const clock = createManualClock();
    const { outbox } = await openLab({ clock });
    outbox.append('old', samples('ecg', 2500));
    const all = await readAll(outbox, 'old');
    for (const { id } of all) void outbox.setAsideSamples('old', id, 1, 'invalid_batch');
    await outbox.close();
    const { worker } = await start(clock);
    const items = await worker.setAside('old');
    expect(items.ok && items.value.map(({ firstSeq }) => firstSeq)).toEqual(Array.from({ length: 2500 }, (_, i) => i));
  });
});

describe('the storage', () => {
  it('that is full is told with what is held; sensors are not joined anew when there is room again', async () => {
    const { worker, clock, beat, status, lab, socket } = await start();
    await worker.openSensor(STRAP);
    await clock.advance(500);
    expect(status().storage).toMatchObject({ kind: 'durable' });
    socket().open();
    await clock.advance(500);
    socket().lastJoin.handlers.ok({});
    const joins = socket().joins.length;
    lab.db.fault = () => FULL;
    beat(61);
    await vi.waitFor(async () => {
      await clock.advance(1000);
      expect(status().storage.held?.bytes).toBe(12);
    });
    const { storage } = status();
    expect(storage).toMatchObject({ kind: 'memory', full: true, held: { bytes: 12 } });
    expect(storage.reason).toContain('Quota');
    lab.db.fault = () => undefined;
    await clock.advance(6000);
    expect(status().storage).toMatchObject({ kind: 'durable' });
    expect(status().storage.held).toBeUndefined();
    expect(socket().joins).toHaveLength(joins);
  });
});

describe('a person who has to sign in', () => {
  it('loses nothing meanwhile, not even to a reload: all of it is sent with the new token', async () => {
    const clock = createManualClock();
    /** The server refuses, also the guest that was made anew. */
    const refused = async (world: World): Promise<void> => {
      world.socket().open();
      await clock.advance(500);
      for (let i = 0; i < 3 && world.status().connection.at !== 'refused'; i++) {
        world.socket().lastJoin.handlers.refused('unauthorized');
        await clock.advance(1000);
      }
      expect(world.status().connection).toMatchObject({ at: 'refused', error: { code: 'server-unauthorized' } });
    };
    const first = await start(clock);
    await first.worker.openSensor(STRAP);
    await refused(first);
    for (let i = 0; i < 4; i++) {
      first.beat(60 + i);
      await clock.advance(1000);
    }
    expect(first.status().sensors).toMatchObject([{ measured: 4, kept: 4, confirmed: 0 }]);
    first.worker.pageEvent('pagehide');
    await first.lab.outbox.checkpoint();

    const second = await start(clock);
    await refused(second);
    expect(second.status()).toMatchObject({ totals: { kept: 4 }, storage: { kind: 'durable' } });
    expect(await second.worker.useAccessToken('jwt')).toEqual(ok(undefined));
    await clock.advance(500);
    const { lastJoin } = second.socket();
    expect(lastJoin.params).toMatchObject({ bearer_token: 'jwt' });
    lastJoin.handlers.ok({});
    await vi.waitFor(async () => {
      await clock.advance(1000);
      for (const { event, onReply } of lastJoin.pushed) if (event === 'ping') onReply?.({ status: 'ok', response: {} });
      expect(second.lab.outbox.depth('s1')).toMatchObject({ measured: 4, kept: 0, confirmed: 4, evicted: 0 });
    });
    expect((await second.certificate('s1'))[0]).toMatchObject({ measured: 4, confirmed: 4 });
  });
});
