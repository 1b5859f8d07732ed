/**
 * One GATT operation at a time. Browsers refuse a second one on the same device ("GATT operation already in progress"),
 * and Android carries out only the first of several parallel startNotifications.
 */
import type { Timers } from '../../lib/timers.ts';
import { appError } from '../../model/errors.ts';
import { fail, type Result } from '../../model/result.ts';
import { withDeadline } from './deadline.ts';

/** No single GATT operation of a working strap takes longer than this, ms. */
const OPERATION_TIMEOUT = 10_000;

export interface GattQueue {
  /**
   * Runs `operation` after all earlier ones. Answers with its result, `bluetooth-timeout`, or `bluetooth-cancelled` when `signal`
   * is aborted, also while it still waits for its turn.
   */
  run<T>(what: string, operation: () => Promise<Result<T>>, signal: AbortSignal): Promise<Result<T>>;
}

/**
 * A queue for one connection.
 * An operation that timed out may still be running in the browser. Its place is kept until it settles, because the
 * next one would only collide with it; the link drops the connection meanwhile, which settles it.
 */
export function createGattQueue(timers: Timers, timeout: number = OPERATION_TIMEOUT): GattQueue {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    run(what, operation, signal) {
      const before = tail;
      const turn = before.then(() => {
        if (signal.aborted) {
          const cancelled = fail(appError('bluetooth-cancelled', what));
          return { answer: Promise.resolve(cancelled), settled: Promise.resolve() };
        }
        // Started inside a promise, so that an operation which throws at once cannot break the chain.
        const running = Promise.resolve().then(operation);
        const answer = withDeadline(() => running, { timers, timeout, signal, what });
        return { answer, settled: running.then(ignore, ignore) };
      });
      tail = turn.then((started) => started.settled);
      return abortable(
        turn.then((started) => started.answer),
        signal,
        what,
      );
    },
  };
}

/** Answers at once when `signal` is aborted, even while `pending` still waits for its turn. */
function abortable<T>(pending: Promise<Result<T>>, signal: AbortSignal, what: string): Promise<Result<T>> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(fail(appError('bluetooth-cancelled', what)));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The outcome goes to whoever asked; the queue only needs to know that it is over. */
function ignore(): void {}
