/**
 * The clock of a board that prints `millis` or `micros` with its values: the Arduino functions of these names count from the
 * start of the board and begin again at 2³².
 */
export interface LineTime {
  /** ms on the board's clock, ascending over one run of the board. */
  readonly time: number;
  /** Name of that clock; another one after the board was restarted. */
  readonly clock: string;
}

export interface LineClock {
  /** @param name `millis` or `micros`; @param count what the board printed */
  tick(name: ClockName, count: number): LineTime;
}

/** ms of one count. */
const UNIT_MS = { millis: 1, micros: 1 / 1000 } as const;

export type ClockName = keyof typeof UNIT_MS;

const WRAP = 2 ** 32;
/** A counter that wrapped comes back within this many ms; anything else is a restart. */
const WRAP_GAP_MAX = 60_000;

export function isClockName(name: string): name is ClockName {
  return name in UNIT_MS;
}

/** A clock with the memory of one connection. */
export function createLineClock(): LineClock {
  const counters = new Map<ClockName, { last: number; wraps: number; run: number }>();
  return {
    tick(name, count) {
      const unit = UNIT_MS[name];
      const counter = counters.get(name) ?? { last: count, wraps: 0, run: 1 };
      counters.set(name, counter);
      if (count < counter.last) {
        const gap = (count + WRAP - counter.last) * unit;
        if (gap >= 0 && gap < WRAP_GAP_MAX) counter.wraps += 1;
        else {
          counter.run += 1;
          counter.wraps = 0;
        }
      }
      counter.last = count;
      return { time: (count + counter.wraps * WRAP) * unit, clock: `${name}-${counter.run}` };
    },
  };
}
