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

/** Follows the newest value of a stream (≤ 20 changes a second, as the hub calls). */
export function liveValue(hub: LiveHub, stream: StreamRef, clock: () => number): LiveValue {
  const ring = hub.ring(stream.origin, stream.sensorId, stream.attribute);
  const arrival: Arrival = trackArrival(ring, clock());
  const track = createSubscriber((update) =>
    hub.onValues(stream.origin, stream.sensorId, () => {
      arrival.note(clock());
      update();
    }),
  );
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
