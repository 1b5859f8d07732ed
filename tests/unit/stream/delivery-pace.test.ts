import { describe, expect, it, vi } from 'vitest';
import { createMemoryOutbox } from '../../../src/outbox/memory-outbox.ts';
import { turns } from '../../support/manual-clock.ts';
import { HIGH, NONE, PAUSED } from './configs.ts';
import { setUp } from './delivery-set-up.ts';

describe('when it sends', () => {
  it('sends nothing before the first config, or as none after two seconds without', async () => {
    const { clock, join, add, batches } = setUp();
    await add(20);
    await join();
    await clock.advance(1999);
    expect(batches()).toEqual([]);
    await clock.advance(1);
    expect(batches()).toHaveLength(1);
  });

  it('waits for size or window', async () => {
    const { clock, join, add, batches } = setUp();
    await join(NONE);
    await add(19);
    await clock.advance(4999);
    expect(batches()).toEqual([]);
    await clock.advance(1);
    expect(batches().map((batch) => batch.length)).toEqual([19]);
    await add(20);
    expect(batches().map((batch) => batch.length)).toEqual([19, 20]);
  });

  it('sends each sample at once at high attention, and what is urgent at any', async () => {
    const { join, add, batches, delivery } = setUp();
    await join(HIGH);
    await add();
    await add();
    expect(batches()).toEqual([[1], [2]]);
    delivery.configured(NONE);
    await add();
    expect(batches()).toHaveLength(2);
    await add(1, true);
    expect(batches()).toEqual([[1], [2], [3, 4]]);
  });

  it('holds while paused, however long, and goes on when asked to', async () => {
    const { clock, join, add, batches, delivery } = setUp();
    await join(PAUSED);
    await add(50, true);
    await clock.advance(600_000);
    expect(batches()).toEqual([]);
    delivery.configured(NONE);
    await turns();
    expect(batches().flat()).toHaveLength(50);
  });

  it('holds if a pause arrives while the log is read', async () => {
    const memory = createMemoryOutbox(0);
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { join, add, batches, delivery } = setUp(
      { read: (...args) => gate.then(() => memory.read(...args)) },
      memory,
    );
    await join(HIGH);
    await add();
    delivery.configured(PAUSED);
    open();
    await turns();
    expect(batches()).toEqual([]);
  });

  it('sends five at once, then ten a second, and at most eight unanswered', async () => {
    const { clock, join, add, batches } = setUp();
    await join(HIGH);
    for (let i = 0; i < 30; i++) await add();
    expect(batches()).toHaveLength(5);
    await clock.advance(99);
    expect(batches()).toHaveLength(5);
    await clock.advance(1);
    expect(batches()).toHaveLength(6);
    for (let i = 0; i < 20; i++) {
      await add();
      await clock.advance(100);
    }
    expect(batches()).toHaveLength(8);
  });

  it('never sends more than 200 samples at once', async () => {
    const { clock, join, add, batches } = setUp();
    await add(450);
    await join(HIGH);
    await clock.advance(1000);
    expect(batches().map((batch) => batch.length)).toEqual([200, 200, 50]);
  });

  it('does not spin while the socket is closing and pushes fail', async () => {
    const { clock, join, add, channel, batches, leave } = setUp();
    await join(HIGH);
    channel.deaf = true;
    await add(3);
    await clock.advance(1000);
    expect(batches()).toEqual([]);
    await leave();
    channel.deaf = false;
    await join(HIGH);
    expect(batches()).toEqual([[1, 2, 3]]);
  });

  it('wakes up within a minute whatever window the server asks for', async () => {
    const { clock, join, add, batches } = setUp();
    const after = vi.spyOn(clock, 'after');
    await join({ ...NONE, batchWindow: 1e15 });
    await add();
    await clock.advance(300_000);
    expect(batches()).toEqual([]);
    expect(Math.max(...after.mock.calls.map(([ms]) => ms))).toBeLessThanOrEqual(60_000);
    expect(after.mock.calls.length).toBeLessThan(20);
  });
});
