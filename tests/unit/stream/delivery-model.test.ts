/** Nothing measured is lost, whatever happens in whatever order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backpressureFor } from '../../../src/model/backpressure.ts';
import { createMemoryOutbox } from '../../../src/outbox/memory-outbox.ts';
import { wireMeasurements } from '../../../src/protocol/sensor.ts';
import { createDelivery } from '../../../src/stream/delivery.ts';
import type { OutboxEntry, OutboxPort } from '../../../src/stream/ports.ts';
import { createManualClock, turns, type ManualClock } from '../../support/manual-clock.ts';
import { keyOf, ScriptedChannel } from './scripted-channel.ts';

const SENSOR = 'sensor-1';
const FIRST_SEQ = 1000;

type Step =
  | { readonly do: 'add'; readonly attribute: string; readonly samples: number; readonly urgent: boolean }
  | { readonly do: 'config'; readonly attention: 'high' | 'medium' | 'none'; readonly critical: boolean }
  | { readonly do: 'join' | 'closing' | 'losePing' | 'refuse' | 'flush' }
  | { readonly do: 'drop'; readonly arrived: boolean }
  | { readonly do: 'serve' | 'answer'; readonly count: number }
  | { readonly do: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      attribute: fc.constantFrom('heartrate', 'rr_interval', 'ecg'),
      samples: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 100, max: 450 })),
      urgent: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('config' as const),
      attention: fc.constantFrom('high' as const, 'high' as const, 'medium' as const, 'none' as const),
      critical: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'join' }) },
  fc.constantFrom<Step>({ do: 'closing' }, { do: 'losePing' }, { do: 'refuse' }, { do: 'flush' }),
  fc.record({ do: fc.constant('drop' as const), arrived: fc.boolean() }),
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('serve' as const, 'answer' as const),
      count: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(1000), fc.constant(16_000)),
    }),
  },
);

/** A log that tells what became of each sample. */
function watched(outbox: OutboxPort) {
  const state = new Map<string, 'kept' | 'confirmed' | 'aside'>();
  const entries = new Map<number, OutboxEntry>();
  const become = (entry: OutboxEntry, next: 'kept' | 'confirmed' | 'aside'): void => {
    for (let i = 0; i < entry.samples; i++) state.set(keyOf(entry.block.attribute, entry.firstSeq + i), next);
  };
  const leave = (gone: readonly OutboxEntry[], next: 'confirmed' | 'aside'): void => {
    for (const entry of gone) {
      entries.delete(entry.id);
      become(entry, next);
    }
  };
  const port: OutboxPort = {
    ...outbox,
    append(sensorId, block) {
      const entry = outbox.append(sensorId, block);
      entries.set(entry.id, entry);
      become(entry, 'kept');
      return entry;
    },
    confirm(sensorId, upTo) {
      leave(
        [...entries.values()].filter((entry) => entry.id <= upTo),
        'confirmed',
      );
      return outbox.confirm(sensorId, upTo);
    },
    setAside(sensorId, ids, reason) {
      leave(
        [...entries.values()].filter((entry) => ids.includes(entry.id)),
        'aside',
      );
      return outbox.setAside(sensorId, ids, reason);
    },
  };
  return { port, state };
}

/** A log whose reads and deletions take their time, as a disk does. Order of operations is kept. */
function slow(outbox: OutboxPort, clock: ManualClock): OutboxPort {
  let tail: Promise<unknown> = Promise.resolve();
  const later = <T>(work: () => Promise<T>): Promise<T> => {
    const run = tail.then(() => new Promise<void>((resolve) => clock.after(7, resolve))).then(work);
    tail = run;
    return run;
  };
  return {
    ...outbox,
    read: (sensorId, after, max) => later(() => outbox.read(sensorId, after, max)),
    confirm: (sensorId, upTo) => later(() => outbox.confirm(sensorId, upTo)),
    setAside: (sensorId, ids, reason) => later(() => outbox.setAside(sensorId, ids, reason)),
  };
}

function makeWorld(disk: (outbox: OutboxPort, clock: ManualClock) => OutboxPort) {
  const clock = createManualClock();
  const log = watched(createMemoryOutbox(FIRST_SEQ));
  const channel = new ScriptedChannel({
    clock,
    onLeft: () => delivery.left(),
    mayPush: (one) => log.state.get(keyOf(one.attribute_id, one.seq)) === 'kept',
  });
  const delivery = createDelivery({
    sensorId: SENSOR,
    outbox: disk(log.port, clock),
    channel,
    clock,
    encode: (entries) => entries.flatMap((entry) => wireMeasurements(entry.block, entry.firstSeq)),
    batchEvent: 'measurements_batch',
    pingEvent: 'ping',
  });
  /** Values in the order they were measured, by attribute. */
  const measured = new Map<string, number[]>();
  let next = 0;

  return {
    clock,
    channel,
    delivery,
    log,
    measured,
    async perform(one: Step): Promise<void> {
      switch (one.do) {
        case 'add': {
          const values = Float32Array.from({ length: one.samples }, () => (next += 1));
          measured.set(one.attribute, [...(measured.get(one.attribute) ?? []), ...values]);
          const times = new Float64Array(one.samples).fill(clock.now());
          delivery.add({ kind: 'numeric', attribute: one.attribute, times, values }, one.urgent);
          break;
        }
        case 'config': {
          const config = backpressureFor(one.attention, one.critical ? 'critical' : 'normal', false, clock.now());
          if (!channel.joined) break;
          channel.configured(config);
          delivery.configured(config);
          break;
        }
        case 'join':
          if (channel.joined) break;
          channel.join();
          delivery.joined();
          break;
        case 'drop':
          channel.drop(one.arrived);
          break;
        case 'closing':
          channel.deaf = channel.joined;
          await clock.advance(50);
          channel.drop(false);
          break;
        case 'losePing':
          channel.loseNextPing = true;
          break;
        case 'refuse':
          channel.refuseNext = true;
          break;
        case 'flush':
          delivery.flush();
          break;
        case 'serve':
          channel.serve(one.count);
          break;
        case 'answer':
          channel.answer(one.count);
          break;
        case 'wait':
          await clock.advance(one.ms);
          break;
      }
      await turns();
    },
    /** A good connection for as long as it takes. */
    async finish(): Promise<void> {
      channel.refuseNext = channel.loseNextPing = false;
      channel.drop(true);
      await this.perform({ do: 'join' });
      await this.perform({ do: 'config', attention: 'high', critical: false });
      for (let round = 0; round < 400 && delivery.counts().kept > 0; round++) {
        channel.serve(Infinity);
        channel.answer(Infinity);
        await clock.advance(100);
      }
    },
  };
}

type World = ReturnType<typeof makeWorld>;

function check({ delivery, channel, log, measured }: World, atRest: boolean): void {
  const total = [...measured.values()].reduce((sum, values) => sum + values.length, 0);
  const { kept, confirmed, setAside, ...counts } = delivery.counts();
  expect(channel.broken).toEqual([]);
  expect(counts.measured).toBe(total);
  if (atRest) expect(kept + confirmed + setAside).toBe(total);
  for (const [key, state] of log.state) {
    if (state === 'confirmed')
      expect(channel.accepted.has(key), `${key} confirmed, but the server never took it`).toBe(true);
  }
}

/** What the server has, and what was set aside, is what was measured: same values, numbered without a gap. */
function checkComplete({ channel, log, measured }: World): void {
  for (const [attribute, values] of measured) {
    values.forEach((value, i) => {
      const key = keyOf(attribute, FIRST_SEQ + i);
      const state = log.state.get(key);
      if (state === 'confirmed') expect(channel.accepted.get(key)).toBe(value);
      else expect(state).toBe('aside');
    });
  }
}

const DISKS: readonly [string, (outbox: OutboxPort, clock: ManualClock) => OutboxPort][] = [
  ['in memory', (outbox) => outbox],
  ['on a slow disk', slow],
];

describe.each(DISKS)('delivery with its log %s', (name, disk) => {
  it('loses nothing, repeats only what is unconfirmed, keeps order and bounds', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 80 }), async (steps) => {
        const world = makeWorld(disk);
        const start: Step[] = [{ do: 'join' }, { do: 'config', attention: 'high', critical: false }];
        for (const one of [...start, ...steps]) {
          await world.perform(one);
          check(world, name === 'in memory');
        }
        await world.finish();
        expect(world.delivery.counts().kept).toBe(0);
        check(world, true);
        checkComplete(world);
      }),
      { numRuns: 250 },
    );
  });
});
