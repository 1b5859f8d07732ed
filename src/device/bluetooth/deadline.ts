/** A deadline around an operation of the radio, which may answer never. */
import type { Timers } from '../../lib/timers.ts';
import { appError, describeThrown } from '../../model/errors.ts';
import { fail, type Result } from '../../model/result.ts';

export interface DeadlineOptions {
  readonly timers: Timers;
  /** ms */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** For the error's detail. */
  readonly what: string;
}

/**
 * Runs `operation` and answers within `timeout` whatever it does: its result, `bluetooth-timeout`, or
 * `bluetooth-cancelled` once `signal` is aborted. The signal handed to the operation is aborted in the last two cases, so that it
 * can clean up what comes late.
 */
export function withDeadline<T>(
  operation: (signal: AbortSignal) => Promise<Result<T>>,
  { timers, timeout, signal, what }: DeadlineOptions,
): Promise<Result<T>> {
  if (signal.aborted) return Promise.resolve(fail(appError('bluetooth-cancelled', what)));
  return new Promise((resolve) => {
    const inner = new AbortController();
    const settle = (result: Result<T>, abort: boolean): void => {
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
      resolve(result);
      if (abort) inner.abort();
    };
    const onAbort = (): void => settle(fail(appError('bluetooth-cancelled', what)), true);
    const cancelTimer = timers.after(timeout, () => {
      settle(fail(appError('bluetooth-timeout', `${what}: no answer in ${timeout / 1000} s`)), true);
    });
    signal.addEventListener('abort', onAbort, { once: true });
    operation(inner.signal).then(
      (result) => settle(result, false),
      (thrown: unknown) => settle(fail(appError('unexpected', `${what}: ${describeThrown(thrown)}`)), false),
    );
  });
}
