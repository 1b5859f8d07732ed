/** A delivery with its log, channel and clock in a test's hands, which can also crash; and what must hold in it. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { backpressureFor } from '../../../src/model/backpressure.ts';
import { encodeUplink } from '../../../src/protocol/uplink.ts';
import type { ServerAbilities } from '../../../src/stream/budget.ts';
import { createDelivery, type Delivery } from '../../../src/stream/delivery.ts';
import type { OutboxEntry, OutboxPort, SampleRun } from '../../../src/stream/ports.ts';
import type { Clock } from '../../../src/lib/timers.ts';
import { createManualClock, turns, type ManualClock } from '../../support/manual-clock.ts';
import { keyOf, ScriptedChannel } from './scripted-channel.ts';

export const SENSOR = 'sensor-1';
export const FIRST_SEQ = 1000;
/** All that a slow disk was asked for is done after so many ms. */
const DISK_SETTLES = 1000;
/** The server never takes this value. */
const BAD_EVERY = 71;

export type Step =
  | { readonly do: 'add'; readonly attribute: string; readonly samples: number; readonly urgent: boolean }
  | { readonly do: 'config'; readonly attention: 'high' | 'medium' | 'none'; readonly critical: boolean }
  | { readonly do: 'join' | 'closing' | 'losePing' | 'refuse' | 'flush' | 'crash' }
  | { readonly do: 'drop'; readonly arrived: boolean }
  | { readonly do: 'serve' | 'answer'; readonly count: number }
  | { readonly do: 'wait'; readonly ms: number };

/** Whatever may happen, in a likely mixture. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
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
  fc.constantFrom<Step>({ do: 'closing' }, { do: 'losePing' }, { do: 'refuse' }, { do: 'flush' }, { do: 'crash' }),
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

type Fate = 'kept' | 'confirmed' | 'aside';

/** A log that tells what became of each sample. */
function watched(outbox: OutboxPort) {
  const state = new Map<string, Fate>();
  /** By number. */
  const keys = new Map<number, string>();
  const become = (runs: readonly SampleRun[], next: Fate): void => {
    for (const { last, samples } of runs) {
      for (let id = last - samples + 1; id <= last; id++) {
        const key = keys.get(id);
        if (key !== undefined && state.get(key) === 'kept') state.set(key, next);
      }
    }
  };
  const learn = (entries: readonly OutboxEntry[]): void => {
    for (const { id, samples, block, firstSeq } of entries) {
      for (let i = 0; i < samples; i++) keys.set(id - samples + 1 + i, keyOf(block.attribute, firstSeq + i));
    }
  };
  // Not a copy of the log: one on disk is a class with state of its own.
  const port: OutboxPort = {
    append(sensorId, block) {
      const entry = outbox.append(sensorId, block);
      for (let i = 0; i < entry.samples; i++) state.set(keyOf(block.attribute, entry.firstSeq + i), 'kept');
      return entry;
    },
    async read(...args) {
      const entries = await outbox.read(...args);
      learn(entries);
      return entries;
    },
    end: (sensorId) => outbox.end(sensorId),
    confirm: (...args) => outbox.confirm(...args),
    confirmSamples(sensorId, runs) {
      become(runs, 'confirmed');
      return outbox.confirmSamples(sensorId, runs);
    },
    setAside: (...args) => outbox.setAside(...args),
    setAsideSamples(sensorId, last, samples, reason) {
      become([{ last, samples }], 'aside');
      return outbox.setAsideSamples(sensorId, last, samples, reason);
    },
    depth: (sensorId) => outbox.depth(sensorId),
  };
  return { port, state };
}

/** A log whose reads and deletions take their time, as a disk does. Order of operations is kept. */
export function slow(outbox: OutboxPort, clock: ManualClock): OutboxPort {
  let tail: Promise<unknown> = Promise.resolve();
  const later = <T>(work: () => Promise<T>): Promise<T> => {
    const run = tail.then(() => new Promise<void>((resolve) => clock.after(7, resolve))).then(work);
    tail = run;
    return run;
  };
  return {
    append: (...args) => outbox.append(...args),
    end: (sensorId) => outbox.end(sensorId),
    depth: (sensorId) => outbox.depth(sensorId),
    read: (...args) => later(() => outbox.read(...args)),
    confirm: (...args) => later(() => outbox.confirm(...args)),
    confirmSamples: (...args) => later(() => outbox.confirmSamples(...args)),
    setAside: (...args) => later(() => outbox.setAside(...args)),
    setAsideSamples: (...args) => later(() => outbox.setAsideSamples(...args)),
  };
}

/** What a process has of the world, until it dies. */
interface Life {
  readonly delivery: Delivery;
  dead: boolean;
}

interface WorldOptions {
  readonly clock?: ManualClock;
  /** Number of the first sample of each attribute. */
  readonly firstSeq?: number;
  /** Turns of the event loop that the log needs for its work. */
  readonly turns?: number;
}

export class World {
  readonly clock: ManualClock;
  readonly channel: ScriptedChannel;
  /** Values in the order they were measured, by attribute; without those that died with their process. */
  readonly measured = new Map<string, number[]>();
  readonly #log: ReturnType<typeof watched>;
  readonly #port: OutboxPort;
  readonly #abilities: ServerAbilities;
  readonly #firstSeq: number;
  readonly #turns: number;
  #life: Life;
  #next = 0;

  constructor(
    outbox: OutboxPort,
    abilities: ServerAbilities,
    disk: (outbox: OutboxPort, clock: ManualClock) => OutboxPort,
    options: WorldOptions = {},
  ) {
    this.clock = options.clock ?? createManualClock();
    this.#firstSeq = options.firstSeq ?? FIRST_SEQ;
    this.#turns = options.turns ?? 1;
    this.#abilities = abilities;
    this.#log = watched(outbox);
    this.#port = disk(this.#log.port, this.clock);
    this.channel = new ScriptedChannel({
      clock: this.clock,
      abilities,
      onLeft: () => this.#life.delivery.left(),
      mayPush: (one) => this.#log.state.get(keyOf(one.attribute, one.seq)) === 'kept',
      isBad: ({ payload }) => Number(payload) % BAD_EVERY === 0,
    });
    this.#life = this.#begin();
  }

  get delivery(): Delivery {
    return this.#life.delivery;
  }

  #begin(): Life {
    // A dead process does nothing any more.
    const clock: Clock = {
      now: () => this.clock.now(),
      after: (ms, task) => this.clock.after(ms, () => (life.dead ? undefined : task())),
    };
    const { channel } = this;
    const delivery = createDelivery({
      sensorId: SENSOR,
      outbox: this.#port,
      channel: {
        get joined() {
          return !life.dead && channel.joined;
        },
        push: (event, payload, onReply) => !life.dead && channel.push(event, payload, onReply),
        restart: () => channel.restart(),
      },
      clock,
      encode: (entries) => encodeUplink(entries, this.#abilities.binary),
      pingEvent: 'ping',
    });
    const life: Life = { delivery, dead: false };
    return life;
  }

  async perform(one: Step): Promise<void> {
    const { channel, clock, delivery } = this;
    if (one.do === 'add') this.#add(one.attribute, one.samples, one.urgent);
    else if (one.do === 'config') {
      const config = backpressureFor(one.attention, one.critical ? 'critical' : 'normal', false, clock.now());
      if (channel.joined) {
        channel.configured(config);
        delivery.configured(config);
      }
    } else if (one.do === 'join') {
      if (!channel.joined) {
        channel.join();
        delivery.joined(this.#abilities);
      }
    } else if (one.do === 'closing') {
      channel.deaf = channel.joined;
      await clock.advance(50);
      channel.drop(false);
    } else if (one.do === 'drop') channel.drop(one.arrived);
    else if (one.do === 'losePing') channel.loseNextPing = true;
    else if (one.do === 'refuse') channel.refuseNext = true;
    else if (one.do === 'flush') delivery.flush();
    else if (one.do === 'crash') await this.#crash();
    else if (one.do === 'serve') channel.serve(one.count);
    else if (one.do === 'answer') channel.answer(one.count);
    else if (one.do === 'wait') await clock.advance(one.ms);
    for (let i = 0; i < this.#turns; i++) await turns();
  }

  #add(attribute: string, samples: number, urgent: boolean): void {
    const first = this.#next + 1;
    this.#next += samples;
    const values = Float32Array.from({ length: samples }, (_, i) => first + i);
    this.measured.set(attribute, [...(this.measured.get(attribute) ?? []), ...values]);
    const times = new Float64Array(samples).fill(this.clock.now());
    this.delivery.add({ kind: 'numeric', attribute, times, values }, urgent);
  }

  /**
   * The process dies: what it had not written is lost, the log stays. What it had asked the disk for is done before the next
   * one looks at it: transactions come one after the other.
   */
  async #crash(): Promise<void> {
    this.#life.dead = true;
    this.channel.forget();
    await this.clock.advance(DISK_SETTLES);
    for (const [attribute, values] of this.measured) {
      const written = values.filter((_, i) => this.#log.state.has(keyOf(attribute, this.#firstSeq + i)));
      this.measured.set(attribute, written);
    }
    this.#life = this.#begin();
  }

  /** A good connection for as long as it takes. */
  async finish(): Promise<void> {
    const { channel, clock } = this;
    channel.refuseNext = channel.loseNextPing = false;
    channel.drop(true);
    await this.perform({ do: 'join' });
    await this.perform({ do: 'config', attention: 'high', critical: false });
    for (let round = 0; round < 800 && this.delivery.counts().kept > 0; round++) {
      channel.serve(Infinity);
      channel.answer(Infinity);
      for (let i = 1; i < this.#turns; i++) await turns();
      await clock.advance(100);
    }
  }

  check(atRest: boolean): void {
    const { kept, confirmed, setAside, measured } = this.delivery.counts();
    expect(this.channel.broken).toEqual([]);
    if (atRest) expect(kept + confirmed + setAside).toBe(measured);
    for (const [key, state] of this.#log.state) {
      if (state === 'confirmed' && !this.channel.accepted.has(key))
        expect.fail(`${key} confirmed, but the server never took it`);
    }
  }

  /** What the server has, and what was set aside, is what was measured: same values, numbered without a gap. */
  checkComplete(): void {
    for (const [attribute, values] of this.measured) {
      values.forEach((value, i) => {
        const key = keyOf(attribute, this.#firstSeq + i);
        const state = this.#log.state.get(key);
        if (value % BAD_EVERY === 0) expect(state, `${key} is bad`).toBe('aside');
        else expect([key, state, this.channel.accepted.get(key)]).toEqual([key, 'confirmed', value]);
      });
    }
  }
}
