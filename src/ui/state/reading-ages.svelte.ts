/** How old the newest value of each stream of a sensor is, by arrival on this device. */
import { createSubscriber } from 'svelte/reactivity';
import type { LiveHub } from '../../app/api.ts';
import { ArrivalBook, type Arriving } from './arrival.ts';

export interface ReadingAges {
  /** ms since the newest value of a stream arrived at time `now` (Unix ms); undefined when none ever did. */
  age(key: string, now: number): number | undefined;
  /** The same of an attribute whose samples are skeletons. */
  skeletonAge(attribute: string, now: number): number | undefined;
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
    skeletonAge(attribute, now) {
      track();
      return book.of(`${attribute} skeleton`, () => newestSkeleton(hub, origin, sensorId, attribute), clock()).age(now);
    },
  };
}

/** Skeletons are not kept in a ring: the time of the newest tells one from the next. */
function newestSkeleton(hub: LiveHub, origin: 'own' | 'watched', sensorId: string, attribute: string): Arriving {
  const time = (): number | undefined => hub.skeleton(origin, sensorId, attribute)?.time;
  return {
    get written() {
      return time() ?? 0;
    },
    latest() {
      const at = time();
      return at === undefined ? undefined : { time: at, value: NaN };
    },
  };
}
