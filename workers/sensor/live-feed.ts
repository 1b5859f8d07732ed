/**
 * Live values on their way to the window: gathered in columns and posted at most 20 times a second, at once after a
 * quiet spell, so that a heart beat a second is not delayed.
 */
import type { Clock } from '../../src/lib/timers.ts';
import type { SkeletonShape } from '../../src/model/payloads.ts';
import type { Live, LiveMessage, LiveSkeleton } from './api.ts';

/** ms between two posts. */
const INTERVAL = 50;

export interface LiveFeed {
  add(
    origin: LiveMessage['origin'],
    sensorId: string,
    attribute: string,
    times: ArrayLike<number>,
    values: ArrayLike<number>,
  ): void;
  /** Of several between two posts only the newest is shown. */
  skeleton(
    origin: LiveMessage['origin'],
    sensorId: string,
    attribute: string,
    time: number,
    shape: SkeletonShape,
  ): void;
}

/** @param post sends one message; its buffers may be transferred */
export function createLiveFeed(clock: Clock, post: (message: Live) => void): LiveFeed {
  const waiting = new Map<
    string,
    { origin: LiveMessage['origin']; sensorId: string; attribute: string; times: number[]; values: number[] }
  >();
  const skeletons = new Map<string, LiveSkeleton>();
  let lastPost = -Infinity;
  let timer: (() => void) | undefined;

  function flush(): void {
    timer = undefined;
    lastPost = clock.now();
    const columns = [...waiting.values()];
    waiting.clear();
    for (const { times, values, ...key } of columns) {
      post({ ...key, times: Float64Array.from(times), values: Float32Array.from(values) });
    }
    for (const skeleton of skeletons.values()) post(skeleton);
    skeletons.clear();
  }

  function later(): void {
    // All attributes of one packet are added in one turn: post after it, together.
    timer ??= clock.after(Math.max(0, lastPost + INTERVAL - clock.now()), flush);
  }

  return {
    add(origin, sensorId, attribute, times, values) {
      const key = `${origin} ${sensorId} ${attribute}`;
      let column = waiting.get(key);
      if (!column) {
        column = { origin, sensorId, attribute, times: [], values: [] };
        waiting.set(key, column);
      }
      for (let i = 0; i < times.length; i++) {
        column.times.push(times[i] ?? NaN);
        column.values.push(values[i] ?? NaN);
      }
      later();
    },
    skeleton(origin, sensorId, attribute, time, shape) {
      const key = `${origin} ${sensorId} ${attribute}`;
      skeletons.set(key, { kind: 'skeleton', origin, sensorId, attribute, time, ...shape });
      later();
    },
  };
}
