/** The whole worker against a server that does what a real one does rarely: pauses, crashes, refuses, goes silent. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backpressureFor, type AttentionLevel, type SystemLoad } from '../../src/model/backpressure.ts';
import { backpressureToWire } from '../../src/protocol/backpressure.ts';
import type { WireMeasurement } from '../../src/protocol/sensor.ts';
import { startPhoenixServer, type PhoenixServer, type WireFrame } from '../support/phoenix-server.ts';
import { FIRST_SEQ, startWorker, TestStrap, type WorkerClient } from '../support/worker-client.ts';

const TOPIC = 'sensocto:sensor:strap-1';

let server: PhoenixServer;
let owner: WorkerClient;
let strap: TestStrap;
/** Called for each batch; true refuses it. */
let refuses: (batch: readonly WireMeasurement[]) => boolean;

beforeEach(async () => {
  server = await startPhoenixServer();
  refuses = () => false;
  server.onFrame = (frame, reply) => {
    const [joinRef, ref, topic, event, payload] = frame;
    const answer = (status: string, response: unknown): void =>
      reply([joinRef, ref, topic, 'phx_reply', { response, status }]);
    if (event === 'phx_join') {
      answer('ok', {});
      reply([joinRef, null, topic, 'backpressure_config', config('high', 'normal')]);
    } else if (event === 'ping') answer('ok', payload);
    else if (event === 'measurements_batch' && refuses(payload as readonly WireMeasurement[])) {
      answer('error', { reason: 'invalid_batch', failed_count: 1 });
    }
  };
  owner = startWorker(server.url.replace(/^ws/, 'http').replace('/socket', ''), 1);
  await owner.worker.start();
  strap = new TestStrap(owner, 'strap-1');
  await strap.open();
  await until(() => expect(owner.sensor('strap-1').channel.at).toBe('joined'));
});

afterEach(async () => {
  owner.close();
  await server.close();
});

const until = (check: () => void, timeout = 10_000): Promise<void> => vi.waitFor(check, { timeout, interval: 20 });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const config = (attention: AttentionLevel, load: SystemLoad): object =>
  backpressureToWire(backpressureFor(attention, load, false, Date.now()));
const sent = (event: string): WireFrame[] => server.received.filter((frame) => frame[3] === event);
const samples = (): WireMeasurement[] => sent('measurements_batch').flatMap((frame) => frame[4] as WireMeasurement[]);
const seqs = (attribute: string): (number | undefined)[] =>
  samples()
    .filter((sample) => sample.attribute_id === attribute)
    .map((sample) => sample.seq);

describe('a server that pauses', () => {
  it('gets nothing until it says so, and then everything, once', async () => {
    const joinRef = sent('phx_join')[0]?.[0];
    server.say([joinRef, null, TOPIC, 'backpressure_config', config('low', 'critical')]);
    await until(() => expect(owner.sensor('strap-1').paused).toBe(true));
    strap.beat(4);
    await pause(600);
    expect(samples()).toEqual([]);
    await until(() => expect(owner.sensor('strap-1')).toMatchObject({ kept: 8, confirmed: 0 }));
    server.say([joinRef, null, TOPIC, 'backpressure_config', config('high', 'normal')]);
    await until(() => expect(owner.sensor('strap-1')).toMatchObject({ paused: false, kept: 0, confirmed: 8 }));
    expect(seqs('heartrate')).toEqual([0, 1, 2, 3].map((i) => FIRST_SEQ + i));
  });
});

describe('a channel that crashes', () => {
  it('is joined anew after half a second, registered anew, and given what was not confirmed', async () => {
    strap.beat(2);
    await until(() => expect(samples()).toHaveLength(4));
    const joinRef = sent('phx_join')[0]?.[0] ?? '';
    const crashedAt = Date.now();
    server.say([joinRef, joinRef, TOPIC, 'phx_error', {}]);
    await until(() => expect(sent('phx_join')).toHaveLength(2));
    expect(Date.now() - crashedAt).toBeGreaterThanOrEqual(490);
    await until(() => expect(owner.sensor('strap-1')).toMatchObject({ kept: 0, confirmed: 4 }));
    const [first, second] = [seqs('heartrate').slice(0, 2), seqs('heartrate').slice(2)];
    expect(first).toEqual([FIRST_SEQ, FIRST_SEQ + 1]);
    expect(second).toEqual(first);
    const secondJoin = sent('phx_join')[1]?.[0];
    expect(sent('update_attributes').filter((frame) => frame[0] === secondJoin)).toHaveLength(2);
    expect(sent('measurements_batch').at(-1)?.[0]).toBe(secondJoin);
  });
});

describe('a batch that is refused', () => {
  it('is searched for the bad sample, which is set aside with the reason; all others are delivered', async () => {
    refuses = (batch) => batch.some((sample) => sample.payload === 57);
    strap.beat(1);
    await pause(100);
    strap.beat(1);
    await pause(100);
    strap.beat(1); // the rate 57
    await pause(100);
    strap.beat(1);
    await until(() =>
      expect(owner.sensor('strap-1')).toMatchObject({ measured: 8, kept: 0, confirmed: 7, setAside: 1 }),
    );
    expect(await owner.worker.setAside('strap-1')).toMatchObject({
      ok: true,
      value: [{ attribute: 'heartrate', reason: 'invalid_batch', content: { measurements: [{ payload: 57 }] } }],
    });
    expect(sent('phx_join')).toHaveLength(1);
  });
});

describe('a server that restarts', () => {
  it.each([1000, 1012])('with close code %i finds us back', async (code) => {
    strap.beat(1);
    await until(() => expect(samples()).toHaveLength(2));
    server.hangUp(code);
    await until(() =>
      expect(owner.status().connection).toMatchObject({ at: 'reconnecting', reason: `closed ${code}` }),
    );
    strap.beat(1);
    await until(() => expect(owner.sensor('strap-1')).toMatchObject({ kept: 0, confirmed: 4 }));
    const [first, second] = server.times;
    expect((second?.opened ?? 0) - (first?.closed ?? Infinity)).toBeGreaterThanOrEqual(240);
    expect(sent('phx_leave')).toEqual([]);
  });
});

describe('stopping', () => {
  it('asks for what is left to be confirmed, then leaves', async () => {
    strap.beat(2);
    await owner.worker.closeSensor('strap-1');
    await until(() => expect(sent('phx_leave')).toHaveLength(1));
    const order = server.received.map((frame) => frame[3]).filter((event) => event !== 'update_attributes');
    expect(order.slice(-2)).toEqual(['ping', 'phx_leave']);
    expect(samples()).toHaveLength(4);
  });
});
