/** How old the newest value of each stream of a sensor is, by arrival on this device. */
import { createSubscriber } from 'svelte/reactivity';
import type { LiveHub } from '../../app/api.ts';
import { ArrivalBook } from './arrival.ts';

export interface ReadingAges {
  /** ms since the newest value of a stream arrived at time `now` (Unix ms); undefined when none ever did. */
  age(key: string, now: number): number | undefined;
}

/** @param clock Unix ms */
export function readingAges(
  hub: LiveHub,
  origin: 'own' | 'watched',
  sensorId: string,
  clock: () => number,
): ReadingAges {
  const book = new ArrivalBook();
  const track = createSubscriber((update) =>
    hub.onValues(origin, sensorId, () => {
      book.note(clock());
      update();
    }),
  );
  return {
    age(key, now) {
      track();
      return book.of(key, () => hub.ring(origin, sensorId, key), clock()).age(now);
    },
  };
}
