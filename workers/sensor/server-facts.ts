/** What is known of the road to the server and of its clock. Pure. */
import type { ServerClock } from '../../src/stream/server-clock.ts';
import type { ServerFacts } from './api.ts';

/** @param now Unix ms */
export function serverFacts(clock: ServerClock, now: number): ServerFacts {
  const roundTrip = clock.roundTripTime(now);
  const offset = clock.offset(now);
  return {
    ...(roundTrip !== undefined && { roundTrip }),
    ...(offset.known && { offset: offset.offset, uncertainty: offset.uncertainty }),
  };
}
