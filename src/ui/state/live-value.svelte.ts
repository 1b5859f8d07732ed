/** The newest value of a stream for text: a number and its age. The samples themselves stay in the ring. */
import { createSubscriber } from 'svelte/reactivity';
import type { LiveHub } from '../../app/api.ts';
import { trackArrival } from './arrival.ts';
import type { Arrival } from './arrival.ts';

export interface StreamRef {
  readonly origin: 'own' | 'watched';
  readonly sensorId: string;
  readonly attribute: string;
}

export interface LiveValue {
  /** Newest value; undefined when there is none. */
  readonly latest: number | undefined;
  /** ms since it arrived at time `now` (Unix ms); undefined when there is none. */
  age(now: number): number | undefined;
}

/** A number that changes faster than this cannot be read, ms. */
const READABLE = 250;

/**
 * Follows the newest value of a stream: at once after a quiet spell, then at most four times a second, so that the digits
 * can be read.
 * @param clock Unix ms
 */
export function liveValue(hub: LiveHub, stream: StreamRef, clock: () => number): LiveValue {
  const ring = hub.ring(stream.origin, stream.sensorId, stream.attribute);
  const arrival: Arrival = trackArrival(ring, clock());
  const track = createSubscriber((update) => {
    const pace = paced(update, clock);
    const off = hub.onValues(stream.origin, stream.sensorId, () => {
      arrival.note(clock());
      pace.ask();
    });
    return () => {
      off();
      pace.stop();
    };
  });
  return {
    get latest() {
      track();
      return ring.latest()?.value;
    },
    age(now) {
      track();
      return arrival.age(now);
    },
  };
}

/** Calls `run` when asked, at most every `READABLE` ms; what was asked for meanwhile is done at the end of the wait. */
function paced(run: () => void, clock: () => number): { ask(): void; stop(): void } {
  let last = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = (): void => {
    timer = undefined;
    last = clock();
    run();
  };
  return {
    ask() {
      const wait = last + READABLE - clock();
      // A clock that was set back makes no endless wait.
      if (wait <= 0 || wait > READABLE) now();
      else timer ??= setTimeout(now, wait);
    },
    stop: () => clearTimeout(timer),
  };
}
