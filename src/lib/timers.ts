/** Timers as a port, so that tests move time themselves. */

export interface Timers {
  /** Runs `task` once, `ms` from now. The returned function cancels it; calling that later does nothing. */
  after(ms: number, task: () => void): () => void;
}

/** The platform's own timers, in a window or a worker. */
export const systemTimers: Timers = {
  after(ms, task) {
    const handle = setTimeout(task, ms);
    return () => clearTimeout(handle);
  },
};

/** Timers and the time of day as one injected thing. */
export interface Clock extends Timers {
  /** Unix ms, with fractions. */
  now(): number;
}

/** Unix ms. It stays the same as long as the window or worker lives; asking for it costs more than adding it. */
const ORIGIN = performance.timeOrigin;

/** The platform's own clock. */
export const systemClock: Clock = { ...systemTimers, now: () => ORIGIN + performance.now() };
