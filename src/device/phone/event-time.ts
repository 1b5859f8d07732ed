/** When an event of the browser happened, on the clock everything else is dated with. */

export interface PhoneClock {
  /** Unix ms, with fractions. */
  now(): number;
  /** ms on the clock that event time stamps are read from. */
  monotonic(): number;
}

/** Events older than this are dated by their arrival: their time stamp counts from somewhere else, ms. */
const MAX_AGE = 10_000;

/**
 * Unix ms of an event. Its time stamp counts from the start of the page, on a clock that may stand still while the phone
 * sleeps; so its age is taken, and subtracted from now. Never later than now.
 * @param stamp `timeStamp` of an event or `timestamp` of a sensor, ms
 */
export function eventTime(stamp: number | null | undefined, clock: PhoneClock): number {
  const now = clock.now();
  const age = clock.monotonic() - (stamp ?? NaN);
  return age >= 0 && age <= MAX_AGE ? now - age : now;
}
