import { describe, expect, it } from 'vitest';
import { singleValue } from '../../../src/model/block.ts';
import { createMemoryOutbox } from '../../../src/outbox/memory-outbox.ts';
import type { OutboxPort } from '../../../src/stream/ports.ts';
import { turns } from '../../support/manual-clock.ts';
import { HIGH, NONE, PAUSED } from './configs.ts';
import { SENSOR, setUp } from './delivery-set-up.ts';

describe('confirmation', () => {
  it('comes from the answer to a ping, a second after the first batch', async () => {
    const { clock, join, add, pings, delivery } = setUp();
    await join(HIGH);
    await add(3);
    expect(delivery.counts()).toEqual({ measured: 3, kept: 3, confirmed: 0, setAside: 0, evicted: 0 });
    await clock.advance(999);
    expect(pings()).toHaveLength(0);
    await clock.advance(1);
    expect(pings()).toHaveLength(1);
    pings()[0]?.reply();
    await turns();
    expect(delivery.counts()).toEqual({ measured: 3, kept: 0, confirmed: 3, setAside: 0, evicted: 0 });
  });

  it('covers only what was sent before the ping', async () => {
    const { clock, join, add, pings, delivery } = setUp();
    await join(HIGH);
    await add();
    await clock.advance(1000);
    await add();
    pings()[0]?.reply();
    await turns();
    expect(delivery.counts()).toMatchObject({ kept: 1, confirmed: 1 });
  });

  it('follows four batches at once', async () => {
    const { join, add, pings } = setUp();
    await join(HIGH);
    for (let i = 0; i < 4; i++) await add();
    expect(pings()).toHaveLength(1);
  });

  it('does not come with a drop: everything goes out again, under the same numbers', async () => {
    const { clock, join, add, sent, pings, batches, leave, delivery } = setUp();
    await join(HIGH);
    await add(2);
    await clock.advance(1000);
    await leave();
    pings()[0]?.reply();
    await turns();
    expect(delivery.counts()).toMatchObject({ kept: 2, confirmed: 0 });
    await add();
    await join(HIGH);
    expect(batches().at(-1)).toEqual([1, 2, 3]);
    expect(sent.at(-1)?.seqs).toEqual([0, 1, 2]);
  });

  it('of an earlier join says nothing about this one', async () => {
    const { clock, join, add, pings, leave, delivery } = setUp();
    await join(HIGH);
    await add();
    await clock.advance(1000);
    await leave();
    await join(HIGH);
    pings()[0]?.reply();
    pings()[0]?.reply({ status: 'error', reason: 'unmatched topic' });
    await turns();
    expect(delivery.counts()).toMatchObject({ kept: 1, confirmed: 0 });
    await clock.advance(1000);
    pings()[1]?.reply();
    await turns();
    expect(delivery.counts()).toMatchObject({ kept: 0, confirmed: 1 });
  });

  it('a rejoin within the same millisecond is another join all the same', async () => {
    const memory = createMemoryOutbox(0);
    const gates: (() => void)[] = [];
    const read: OutboxPort['read'] = async (...args) => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return memory.read(...args);
    };
    const { join, add, leave, batches } = setUp({ read }, memory);
    await join(HIGH);
    await add();
    await leave();
    await join(HIGH);
    for (let i = 0; i < 5; i++) {
      gates.splice(0).forEach((open) => open());
      await turns();
    }
    expect(batches()).toEqual([[1]]);
  });

  it('that does not come within 15 s means a dead channel', async () => {
    const { clock, join, add, channel, batches } = setUp();
    await join(HIGH);
    await add();
    await clock.advance(1000 + 14_999);
    expect(channel.restarts).toEqual([]);
    await clock.advance(1);
    expect(channel.restarts).toEqual(['barrier unanswered']);
    await join(HIGH);
    expect(batches()).toEqual([[1], [1]]);
  });

  it('refused restarts the channel, from inside the answer', async () => {
    const { clock, join, add, channel, pings, batches, delivery } = setUp();
    await join(HIGH);
    await add();
    await clock.advance(1000);
    pings()[0]?.reply({ status: 'error', reason: 'unmatched topic' });
    expect(channel.restarts).toEqual(['unmatched topic']);
    await join(HIGH);
    expect(batches()).toEqual([[1], [1]]);
    await clock.advance(1000);
    pings()[1]?.reply();
    await turns();
    expect(delivery.counts()).toEqual({ measured: 1, kept: 0, confirmed: 1, setAside: 0, evicted: 0 });
  });
});

/** As the server says that a batch holds one sample that it does not take. */
const ONE_BAD = { status: 'error', reason: 'invalid_batch', failedCount: 1 } as const;

describe('a refused batch', () => {
  it('of one sample is sent once more if the server does not say that it is bad, and no more than once', async () => {
    const { join, add, sent, batches, delivery } = setUp();
    await join(HIGH);
    await add();
    sent[0]?.reply({ status: 'error', reason: 'busy' });
    await turns();
    expect(batches()).toEqual([[1], [1]]);
    expect(delivery.counts()).toMatchObject({ kept: 1, setAside: 0 });
    sent[1]?.reply({ status: 'error', reason: 'busy' });
    await turns();
    expect(batches()).toHaveLength(2);
    expect(delivery.counts()).toMatchObject({ kept: 0, setAside: 1 });
  });

  it('of one sample of which none is bad is not searched for ever', async () => {
    const { join, add, sent, batches, delivery } = setUp();
    await join(HIGH);
    await add(2);
    sent[0]?.reply({ status: 'error', reason: 'invalid_batch' });
    await turns();
    sent[1]?.reply({ status: 'error', reason: 'invalid_batch', failedCount: 0 });
    await turns();
    expect(batches().flat()).toEqual([1, 2, 1, 2]);
    expect(delivery.counts()).toMatchObject({ kept: 1, setAside: 1 });
  });

  it('is set aside; the others are confirmed', async () => {
    const { clock, join, add, sent, pings, delivery } = setUp();
    await join(HIGH);
    await add();
    await add();
    await add();
    sent[1]?.reply(ONE_BAD);
    sent[1]?.reply(ONE_BAD);
    await turns();
    expect(delivery.counts()).toEqual({ measured: 3, kept: 2, confirmed: 0, setAside: 1, evicted: 0 });
    await add(); // is sent although the refused one still counts as on its way
    expect(sent.at(-1)?.event).toBe('ping');
    expect(sent.at(-2)?.values).toEqual([4]);
    await clock.advance(1000);
    pings()[0]?.reply();
    await turns();
    expect(delivery.counts()).toEqual({ measured: 4, kept: 0, confirmed: 3, setAside: 1, evicted: 0 });
  });

  it('because the topic is not joined is not refused: the channel starts anew', async () => {
    const { join, add, sent, channel, delivery } = setUp();
    await join(HIGH);
    await add();
    sent[0]?.reply({ status: 'error', reason: 'unmatched topic' });
    expect(channel.restarts).toEqual(['unmatched topic']);
    expect(delivery.counts()).toMatchObject({ kept: 1, setAside: 0 });
  });

  it('that the log cannot set aside stays in it, and goes out again after the next join', async () => {
    const { clock, join, add, sent, pings, failures, leave, batches, delivery } = setUp({
      setAsideSamples: () => Promise.reject(new Error('disk full')),
    });
    await join(HIGH);
    await add();
    await add();
    sent[0]?.reply(ONE_BAD);
    await clock.advance(1000);
    pings()[0]?.reply();
    await turns();
    expect(failures).toEqual([new Error('disk full')]);
    expect(delivery.counts()).toEqual({ measured: 2, kept: 1, confirmed: 1, setAside: 0, evicted: 0 });
    await leave();
    await join(HIGH);
    expect(batches().at(-1)).toEqual([1]);
  });
});

describe('a slow log', () => {
  it('that is still setting aside when the channel drops counts nothing twice', async () => {
    const memory = createMemoryOutbox(0);
    let open = (): void => undefined;
    let tail: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
      const run = tail.then(work);
      tail = run;
      return run;
    };
    const { clock, join, add, sent, pings, leave, batches, delivery } = setUp(
      {
        read: (...args) => inTurn(() => memory.read(...args)),
        confirmSamples: (...args) => inTurn(() => memory.confirmSamples(...args)),
        setAsideSamples(...args) {
          tail = new Promise<void>((resolve) => (open = resolve));
          return inTurn(() => memory.setAsideSamples(...args));
        },
      },
      memory,
    );
    await join(HIGH);
    await add();
    await add();
    sent[0]?.reply(ONE_BAD);
    await clock.advance(1000);
    pings()[0]?.reply();
    await leave();
    await add();
    await join(HIGH);
    open();
    await turns();
    expect(batches().at(-1)).toEqual([3]);
    await clock.advance(1000);
    pings()[1]?.reply();
    await turns();
    expect(delivery.counts()).toEqual({ measured: 3, kept: 0, confirmed: 2, setAside: 1, evicted: 0 });
  });
});

describe('a log that fails', () => {
  it('is read again a second later', async () => {
    const memory = createMemoryOutbox(0);
    let broken = true;
    const read: OutboxPort['read'] = (...args) => (broken ? Promise.reject(new Error('disk')) : memory.read(...args));
    const { clock, join, add, batches, failures } = setUp({ read }, memory);
    await join(HIGH);
    await add();
    expect(failures).toHaveLength(1);
    broken = false;
    await clock.advance(1000);
    expect(batches()).toEqual([[1]]);
  });

  it('to delete what was confirmed counts nothing as confirmed', async () => {
    const { clock, join, add, pings, failures, delivery } = setUp({
      confirmSamples: () => Promise.reject(new Error('disk')),
    });
    await join(HIGH);
    await add();
    await clock.advance(1000);
    pings()[0]?.reply();
    await turns();
    expect(failures).toHaveLength(1);
    expect(delivery.counts()).toEqual({ measured: 1, kept: 1, confirmed: 0, setAside: 0, evicted: 0 });
  });
});

describe('counts', () => {
  it('include what the log held before', async () => {
    const memory = createMemoryOutbox(0);
    memory.append(SENSOR, singleValue('heartrate', 1, 60));
    const { join, batches, delivery } = setUp({}, memory);
    expect(delivery.counts()).toEqual({ measured: 1, kept: 1, confirmed: 0, setAside: 0, evicted: 0 });
    await join(HIGH);
    expect(batches()).toEqual([[60]]);
  });
});

describe('settled', () => {
  it('is true at once when nothing is kept', async () => {
    expect(await setUp().delivery.settled(1000)).toBe(true);
  });

  it('is false at once without time', async () => {
    const { add, delivery } = setUp();
    await add();
    expect(await delivery.settled(0)).toBe(false);
  });

  it('sends and asks for confirmation at once', async () => {
    const { join, add, pings, batches, delivery } = setUp();
    await join(NONE);
    await add();
    const settled = delivery.settled(3000);
    await turns();
    expect(batches()).toEqual([[1]]);
    expect(pings()).toHaveLength(1);
    pings()[0]?.reply();
    expect(await settled).toBe(true);
  });

  it('is false when the time is over', async () => {
    const { clock, join, add, delivery } = setUp();
    await join(PAUSED);
    await add();
    const settled = delivery.settled(3000);
    await clock.advance(3000);
    expect(await settled).toBe(false);
  });

  it('is false as soon as the channel is gone', async () => {
    const { join, add, leave, delivery } = setUp();
    await join(HIGH);
    await add();
    const settled = delivery.settled(3000);
    await turns();
    await leave();
    expect(await settled).toBe(false);
  });
});
