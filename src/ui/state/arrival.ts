/**
 * When did the newest value of a stream get here? Other people's clocks may be minutes off, so "stale" is judged by
 * arrival on this device, never by the time a value carries.
 */
import type { RingBuffer } from '../../app/api.ts';

/** What of a ring tells that something arrived: `written` is another number each time. */
export type Arriving = Pick<RingBuffer, 'written' | 'latest'>;

export interface Arrival {
  /** Takes note of the ring's state. `now` in Unix ms. */
  note(now: number): void;
  /** ms since the newest value arrived; undefined when none ever did. */
  age(now: number): number | undefined;
}

/** Arrivals of many streams, each watched from the first time it is asked for. */
export class ArrivalBook {
  readonly #arrivals = new Map<string, Arrival>();

  /** The arrival of a stream. `ring` is asked for once; `now` in Unix ms. */
  of(key: string, ring: () => Arriving, now: number): Arrival {
    const arrival = this.#arrivals.get(key) ?? trackArrival(ring(), now);
    this.#arrivals.set(key, arrival);
    return arrival;
  }

  /** Takes note of the state of all. `now` in Unix ms. */
  note(now: number): void {
    for (const arrival of this.#arrivals.values()) arrival.note(now);
  }
}

/** Watches one ring. The first look takes a value's own time as arrival, unless it lies in the future. */
export function trackArrival(ring: Arriving, now: number): Arrival {
  let seen = ring.written;
  const first = ring.latest();
  let arrivedAt = first === undefined ? undefined : Math.min(now, first.time);
  return {
    note(at) {
      if (ring.written === seen) return;
      seen = ring.written;
      arrivedAt = at;
    },
    age: (at) => (arrivedAt === undefined ? undefined : Math.max(0, at - arrivedAt)),
  };
}
