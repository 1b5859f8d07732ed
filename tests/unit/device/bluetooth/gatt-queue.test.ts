import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGattQueue } from '../../../../src/device/bluetooth/gatt-queue.ts';
import { appError } from '../../../../src/model/errors.ts';
import { fail, ok, type Result } from '../../../../src/model/result.ts';
import { manualTime, settle } from '../support/time.ts';

const alive = new AbortController().signal;

/** An operation that ends when told to. */
function handle<T>() {
  let end: (result: Result<T>) => void = () => undefined;
  let started = false;
  const promise = new Promise<Result<T>>((resolve) => (end = resolve));
  const run = (): Promise<Result<T>> => {
    started = true;
    return promise;
  };
  return { run, end: (result: Result<T>) => end(result), started: () => started };
}

describe('GATT queue', () => {
  it('runs one operation at a time, in the order asked', async () => {
    const queue = createGattQueue(manualTime().timers);
    const first = handle<string>();
    const second = handle<string>();
    const answers = [queue.run('first', first.run, alive), queue.run('second', second.run, alive)];
    await settle();
    expect([first.started(), second.started()]).toEqual([true, false]);
    first.end(ok('a'));
    await settle();
    expect(second.started()).toBe(true);
    second.end(ok('b'));
    expect(await Promise.all(answers)).toEqual([ok('a'), ok('b')]);
  });

  it('never overlaps, whatever the operations do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('ok', 'error', 'reject', 'throw'), { maxLength: 12 }),
        async (kinds) => {
          const queue = createGattQueue(manualTime().timers);
          let running = 0;
          const order: number[] = [];
          const answers = kinds.map((kind, index) =>
            queue.run(
              kind,
              () => {
                if (kind === 'throw') throw new Error('at once');
                running += 1;
                expect(running).toBe(1);
                order.push(index);
                return settle().then(() => {
                  running -= 1;
                  if (kind === 'reject') throw new Error('later');
                  return kind === 'ok' ? ok(index) : fail(appError('bluetooth-gatt'));
                });
              },
              alive,
            ),
          );
          const codes = (await Promise.all(answers)).map((answer) => (answer.ok ? 'ok' : answer.error.code));
          const expected = { ok: 'ok', error: 'bluetooth-gatt', reject: 'unexpected', throw: 'unexpected' } as const;
          expect(codes).toEqual(kinds.map((kind) => expected[kind]));
          expect(order).toEqual([...order].sort((a, b) => a - b));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('answers with a timeout, but keeps the place until the browser is done', async () => {
    const time = manualTime();
    const queue = createGattQueue(time.timers, 1000);
    const stuck = handle<string>();
    const after = handle<string>();
    const first = queue.run('stuck', stuck.run, alive);
    const second = queue.run('after', after.run, alive);
    await time.advance(1000);
    expect(await first).toMatchObject({ ok: false, error: { code: 'bluetooth-timeout' } });
    await time.advance(60_000);
    expect(after.started()).toBe(false);
    stuck.end(ok('late'));
    await settle();
    expect(after.started()).toBe(true);
    after.end(ok('fine'));
    expect(await second).toEqual(ok('fine'));
    expect(time.pending()).toBe(0);
  });

  it('answers at once when aborted, running or waiting, and runs nothing that was given up', async () => {
    const time = manualTime();
    const queue = createGattQueue(time.timers);
    const abort = new AbortController();
    const stuck = handle<string>();
    const never = handle<string>();
    const answers = [queue.run('stuck', stuck.run, abort.signal), queue.run('never', never.run, abort.signal)];
    await settle();
    abort.abort();
    for (const answer of await Promise.all(answers)) {
      expect(answer).toMatchObject({ ok: false, error: { code: 'bluetooth-cancelled' } });
    }
    stuck.end(ok('late'));
    await settle();
    expect(never.started()).toBe(false);
    expect(await queue.run('next', () => Promise.resolve(ok(1)), alive)).toEqual(ok(1));
    expect(time.pending()).toBe(0);
  });
});
