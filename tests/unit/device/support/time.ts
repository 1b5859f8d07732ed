/** Time that moves only when a test says so. */
import type { Timers } from '../../../../src/lib/timers.ts';

export interface ManualTime {
  readonly timers: Timers;
  /** Unix ms. */
  now(): number;
  /** Moves time on, runs what falls due in order, and lets promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Timers not yet run or cancelled. */
  pending(): number;
}

/** Lets everything that only waits for promises go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function manualTime(start = 1_700_000_000_000): ManualTime {
  let now = start;
  const tasks = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => now,
    pending: () => tasks.size,
    timers: {
      after(ms, run) {
        const task = { at: now + ms, run };
        tasks.add(task);
        return () => tasks.delete(task);
      },
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const due = [...tasks].filter((task) => task.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        tasks.delete(due);
        now = Math.max(now, due.at);
        due.run();
        await settle();
      }
      now = end;
    },
  };
}
