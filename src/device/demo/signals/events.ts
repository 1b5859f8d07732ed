/** Things that happen now and then (a blink, a press), from a seed. Times in seconds. */

/** So many of the latest are kept: streams of one device ask for slightly different times. */
const KEPT = 16;

export interface Events {
  /** Number of events up to `t`. */
  count(t: number): number;
  /** Time of the last event at or before `t`; −Infinity before the first. */
  last(t: number): number;
}

/** @param shortest seconds between two events, at least @param longest and at most */
export function createEvents(random: () => number, shortest: number, longest: number): Events {
  let times: number[] = [];
  let made = 0;
  let next = shortest * random() + 0.5;

  function until(t: number): void {
    while (next <= t) {
      times.push(next);
      made += 1;
      next += shortest + (longest - shortest) * random();
    }
    if (times.length > 2 * KEPT) times = times.slice(-KEPT);
  }
  return {
    count(t) {
      until(t);
      return made - times.filter((time) => time > t).length;
    },
    last(t) {
      until(t);
      for (let i = times.length - 1; i >= 0; i--) {
        const time = times[i];
        if (time !== undefined && time <= t) return time;
      }
      return -Infinity;
    },
  };
}

/** A hump of height 1 that begins at an event and lasts `seconds`. */
export function hump(since: number, seconds: number): number {
  return since >= 0 && since < seconds ? Math.sin((Math.PI * since) / seconds) ** 2 : 0;
}
