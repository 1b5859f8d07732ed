/** A clock that stands still until a test moves it. Timers run in order of their time, at their time. */
import type { Clock } from '../../src/lib/timers.ts';

export interface ManualClock extends Clock {
  /** Moves time on, running what is due on the way; promises settle between two timers. */
  advance(ms: number): Promise<void>;
  /** Timers that wait. */
  readonly waiting: number;
}

/** @param start Unix ms */
export function createManualClock(start = 1_700_000_000_000): ManualClock {
  let now = start;
  let timers: { readonly at: number; readonly order: number; readonly task: () => void }[] = [];
  let order = 0;

  function next(until: number): (() => void) | undefined {
    const due = timers.filter((timer) => timer.at <= until);
    const [first] = due.sort((a, b) => a.at - b.at || a.order - b.order);
    if (!first) return undefined;
    timers = timers.filter((timer) => timer !== first);
    now = Math.max(now, first.at);
    return first.task;
  }

  return {
    now: () => now,
    after(ms, task) {
      const timer = { at: now + Math.max(0, ms), order: (order += 1), task };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const until = now + ms;
      await turns();
      for (let task = next(until); task; task = next(until)) {
        task();
        await turns();
      }
      now = until;
    },
    get waiting() {
      return timers.length;
    },
  };
}

/** Lets promises settle: a macrotask runs after every microtask, however deep their chain. */
export function turns(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
