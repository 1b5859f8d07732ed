/** Notices that nothing ran here for a while: the device slept, or the browser froze the page. */
import type { Timers } from '../lib/timers.ts';

const TICK = 1000;
/** A tick that comes so late was no busy moment, ms. */
const JUMP = 5000;

export interface SleepWatchDeps {
  readonly timers: Timers;
  /** Unix ms of the wall clock: on many systems the others stand still while the device sleeps. */
  readonly wall: () => number;
  readonly onJump: () => void;
}

/** Watches until the returned function is called. */
export function watchSleep({ timers, wall, onJump }: SleepWatchDeps): () => void {
  let last = wall();
  let cancel: () => void;
  const tick = (): void => {
    const now = wall();
    const jumped = now - last > JUMP;
    last = now;
    cancel = timers.after(TICK, tick);
    if (jumped) onJump();
  };
  cancel = timers.after(TICK, tick);
  return () => cancel();
}
