/** A backlog: its order, its pace, how it is told; and refused batches, which are searched for the sample that is bad. */
import { describe, expect, it } from 'vitest';
import { backpressureFor } from '../../../src/model/backpressure.ts';
import { singleValue, type Block } from '../../../src/model/block.ts';
import { createMemoryOutbox } from '../../../src/outbox/memory-outbox.ts';
import { turns } from '../../support/manual-clock.ts';
import { GATEWAY, HIGH, NONE, PAUSED } from './configs.ts';
import { SENSOR, setUp } from './delivery-set-up.ts';

const OUT_OF_ORDER = { outOfOrder: true, binary: false };

/** A log that holds so many samples, numbered from 1. */
function filled(count: number, attribute = 'ecg') {
  const memory = createMemoryOutbox(0);
  for (let at = 0; at < count; at += 100) {
    const samples = Math.min(100, count - at);
    const values = Float32Array.from({ length: samples }, (_, i) => at + i + 1);
    memory.append(SENSOR, { kind: 'numeric', attribute, times: new Float64Array(samples), values });
  }
  return memory;
}

describe('a backlog', () => {
  it('goes first where order counts, oldest first, and what is new behind it', async () => {
    const { clock, join, add, batches, delivery } = setUp({}, filled(500));
    await join(HIGH);
    await add();
    await clock.advance(1000);
    expect(batches().map((batch) => [batch[0], batch.length])).toEqual([
      [1, 200],
      [201, 200],
      [401, 100],
      [1, 1],
    ]);
    expect(delivery.counts().measured).toBe(501);
  });

  it('fills in behind what is new where order does not count', async () => {
    const { clock, join, add, sent, pings, batches } = setUp({}, filled(5000));
    await join(HIGH, OUT_OF_ORDER);
    // Eight unanswered batches of the backlog are on their way.
    await clock.advance(1000);
    const before = batches().length;
    await add();
    pings()[0]?.reply();
    await turns();
    expect(sent[sent.findIndex(({ event }) => event === 'ping') + 5]?.values).toBeDefined();
    const next = batches()[before];
    expect(next, 'the new sample overtakes the backlog').toEqual([1]);
  });

  it('is told with samples and time left, and no more when it is gone', async () => {
    const { clock, join, pings, delivery } = setUp({}, filled(4000));
    expect(delivery.drain()).toBeUndefined();
    await join(HIGH);
    expect(delivery.drain()).toEqual({ left: 4000, secondsLeft: undefined });
    const told: number[] = [];
    for (let i = 0; i < 60; i++) {
      await clock.advance(100);
      pings().at(-1)?.reply();
      await turns();
      const drain = delivery.drain();
      if (drain?.secondsLeft !== undefined && drain.left === 2000) told.push(drain.secondsLeft);
    }
    // 2000 samples a second: about a second for the rest.
    for (const seconds of told) expect(seconds).toBeGreaterThan(0.3);
    for (const seconds of told) expect(seconds).toBeLessThan(3);
    expect(told.length).toBeGreaterThan(0);
    expect(delivery.counts()).toMatchObject({ kept: 0, confirmed: 4000 });
    expect(delivery.drain()).toBeUndefined();
  });

  it('of a few samples is none worth telling', async () => {
    const { join, delivery } = setUp({}, filled(199));
    await join(PAUSED);
    expect(delivery.drain()).toBeUndefined();
  });

  it('goes slower on a server under load while nobody looks', async () => {
    const slow = setUp({}, filled(3000));
    await slow.join(backpressureFor('none', 'high', false, 0));
    const fast = setUp({}, filled(3000));
    await fast.join(backpressureFor('medium', 'high', false, 0));
    for (const world of [slow, fast]) {
      for (let i = 0; i < 20; i++) {
        world.pings().at(-1)?.reply();
        await world.clock.advance(50);
      }
    }
    expect(fast.batches().length).toBe(15);
    // Five at once, then five a second.
    expect(slow.batches().length).toBe(10);
  });

  it('that gathers during a pause is a backlog too, and new samples go before it where they may', async () => {
    const { clock, join, add, pings, batches, delivery } = setUp();
    await join(NONE, OUT_OF_ORDER);
    delivery.configured(PAUSED);
    const values = Float32Array.from({ length: 2400 }, (_, i) => -1 - i);
    delivery.add({ kind: 'numeric', attribute: 'ecg', times: new Float64Array(2400), values });
    await clock.advance(1000);
    expect(batches()).toEqual([]);
    delivery.configured(HIGH);
    await clock.advance(1000);
    expect(delivery.drain()?.left).toBe(2400);
    const before = batches().length;
    await add();
    pings().at(-1)?.reply();
    await turns();
    expect(batches()[before]).toEqual([1]);
  });

  it('that a pause makes longer is sent whole', async () => {
    const { clock, join, add, pings, delivery } = setUp({}, filled(5000));
    await join(HIGH, OUT_OF_ORDER);
    await clock.advance(300);
    delivery.configured(PAUSED);
    await add(300);
    await clock.advance(1000);
    delivery.configured(HIGH);
    for (let i = 0; i < 60; i++) {
      await clock.advance(100);
      pings().at(-1)?.reply();
    }
    await turns();
    expect(delivery.counts()).toMatchObject({ kept: 0, confirmed: 5300 });
  });

  it('goes in batches that the connection carries, however large its samples are', async () => {
    const memory = createMemoryOutbox(0);
    const pose = {
      landmarks: Array.from({ length: 33 }, (_, i) => ({ x: i / 7, y: i / 11, z: i / 13, visibility: 0.9 })),
    };
    const block: Block = {
      kind: 'structured',
      attribute: 'pose_skeleton',
      times: new Float64Array(150),
      payloads: Array.from({ length: 150 }, () => pose),
    };
    memory.append(SENSOR, block);
    const { clock, join, sent, pings, delivery } = setUp({}, memory);
    await join(HIGH);
    for (let i = 0; i < 100 && delivery.counts().kept > 0; i++) {
      await clock.advance(100);
      pings().at(-1)?.reply();
      await turns();
    }
    const sizes = sent.filter(({ event }) => event !== 'ping').map(({ values }) => JSON.stringify(values).length);
    expect(delivery.counts()).toMatchObject({ kept: 0, confirmed: 150 });
    expect(Math.max(...sizes)).toBeLessThan(128 * 1024);
    expect(sent.flatMap(({ seqs }) => seqs)).toEqual(Array.from({ length: 150 }, (_, i) => i));
  });

  it('goes in large batches to a server that takes our block form', async () => {
    const { clock, join, blocks, delivery } = setUp({}, filled(9000));
    await join(HIGH, GATEWAY);
    await clock.advance(100);
    expect(blocks().map(({ length }) => length)).toEqual([4000, 4000, 1000]);
    expect(delivery.counts().kept).toBe(9000);
  });
});

describe('a refused batch', () => {
  const refuse = { status: 'error', reason: 'invalid_batch', failedCount: 1 } as const;

  it('is halved down to the sample that is bad; the others arrive, and it is kept with the reason', async () => {
    const { clock, join, sent, pings, delivery, memory } = setUp({}, filled(200));
    await join(HIGH);
    let answered = 0;
    for (let i = 0; i < 60 && delivery.counts().kept > 0; i++) {
      for (const batch of sent.slice(answered)) if (batch.values.includes(77)) batch.reply(refuse);
      answered = sent.length;
      pings().at(-1)?.reply();
      await clock.advance(100);
    }
    expect(delivery.counts()).toMatchObject({ kept: 0, confirmed: 199, setAside: 1 });
    expect(await memory.aside(SENSOR)).toMatchObject([{ reason: 'invalid_batch', samples: 1, firstSeq: 76 }]);
    // Twice the times that 200 can be halved, and the first.
    expect(sent.filter(({ event }) => event !== 'ping').length).toBeLessThanOrEqual(17);
  });

  it('in which every sample is bad is set aside at once', async () => {
    const { join, sent, delivery, batches } = setUp({}, filled(200));
    await join(HIGH);
    sent[0]?.reply({ ...refuse, failedCount: 200 });
    await turns();
    expect(delivery.counts()).toMatchObject({ kept: 0, setAside: 200 });
    expect(batches()).toHaveLength(1);
  });

  it('that the server refuses whatever is in it costs no more batches than it has samples, twice', async () => {
    const { clock, join, sent, delivery, batches } = setUp({}, filled(200));
    await join(HIGH);
    let answered = 0;
    for (let i = 0; i < 1000 && delivery.counts().kept > 0; i++) {
      for (const one of sent.slice(answered)) one.reply(one.event === 'ping' ? undefined : refuse);
      answered = sent.length;
      await clock.advance(100);
    }
    expect(delivery.counts()).toMatchObject({ kept: 0, setAside: 200 });
    expect(batches().length).toBeLessThanOrEqual(401);
  });

  it('is searched anew after a drop: nothing of the search is lost', async () => {
    const { clock, join, leave, sent, pings, delivery } = setUp({}, filled(100));
    await join(HIGH);
    sent[0]?.reply(refuse);
    await turns();
    await leave();
    await join(HIGH);
    for (let i = 0; i < 5; i++) {
      await clock.advance(1000);
      pings().at(-1)?.reply();
    }
    await turns();
    expect(delivery.counts()).toMatchObject({ kept: 0, confirmed: 100, setAside: 0 });
  });
});

describe('an attribute id that no server takes', () => {
  it('never reaches the wire, and spoils no batch', async () => {
    const memory = createMemoryOutbox(0);
    for (const [attribute, value] of [
      ['ecg', 1],
      ['_bad id', 2],
      ['ecg', 3],
    ] as const)
      memory.append(SENSOR, singleValue(attribute, 0, value));
    const { clock, join, pings, batches, delivery } = setUp({}, memory);
    await join(HIGH);
    await clock.advance(1000);
    pings()[0]?.reply();
    await turns();
    expect(batches()).toEqual([[1], [3]]);
    expect(delivery.counts()).toMatchObject({ kept: 0, confirmed: 2, setAside: 1 });
    expect(await memory.aside(SENSOR)).toMatchObject([{ reason: 'invalid_attribute_id', samples: 1 }]);
  });
});
