/**
 * How fast a wheel or a crank turns, from what cycling sensors send: a cumulative count of revolutions and the time of
 * the last one, in ticks that wrap every 32 or 64 s. A sensor that stands still repeats its last event for ever.
 * Source of the counters: Bluetooth SIG, Cycling Speed and Cadence Service 1.0 §3.1 and Cycling Power Service 1.1 §3.2.
 *
 * The event times give rates, not dates: they wrap, and they do not move while the wheel stands, so nobody can tell one
 * minute of rest from two. Samples are therefore dated by their arrival.
 */

export interface RevolutionCounter {
  /** Width of the cumulative count. A 32-bit count may also go down (wheel rolling backwards, set by an app). */
  readonly bits: 16 | 32;
  /** Ticks of the event time in a second; the time is always 16 bits wide. */
  readonly ticksPerSecond: 1024 | 2048;
  /** Revolutions a second that nothing rideable exceeds: faster means that the count was set anew. */
  readonly fastest: number;
}

/** Bicycle wheels: 40 a second is 300 km/h. The event time ticks 1024 (speed sensors) or 2048 (power meters) a second. */
export function wheel(ticksPerSecond: 1024 | 2048): RevolutionCounter {
  return { bits: 32, ticksPerSecond, fastest: 40 };
}

/** Cranks: 5 a second is 300 rpm. */
export const CRANK: RevolutionCounter = { bits: 16, ticksPerSecond: 1024, fastest: 5 };

/** m in one turn of a 700×25C wheel, the most common one. Sensors do not know their wheel. */
export const WHEEL_CIRCUMFERENCE = 2.105;

/** Without a revolution for so long, s, the wheel counts as standing. */
const STANDS_AFTER = 3;
/**
 * s between notifications. The sensor's own clock shows it while the wheel turns; until then the sensor counts as one of
 * the fast ones, so that no slow turn is taken for a rest.
 */
const UNKNOWN_PERIOD = 0.25;
const SHORTEST_PERIOD = 0.1;
const LONGEST_PERIOD = 1.5;

/**
 * A meter with the memory of one connection. Give it count and event time of each packet.
 * @returns revolutions a second since the last packet with news; 0 once the wheel stood for about 3 s; NaN where nothing
 * is known: the first packet, no new revolution yet, a count that was set anew, the first revolution after a rest (the
 * event time may have wrapped meanwhile)
 */
export function createRevolutionMeter(counter: RevolutionCounter): (revolutions: number, time: number) => number {
  let last: { readonly revolutions: number; readonly time: number } | undefined;
  /** Packets since the last one with news. */
  let quiet = 0;
  let period = UNKNOWN_PERIOD;
  const stands = (): boolean => quiet * period >= STANDS_AFTER;

  return (revolutions, time) => {
    const turned = last && difference(revolutions, last.revolutions, counter.bits);
    if (turned === 0) {
      quiet += 1;
      return stands() ? 0 : NaN;
    }
    const seconds = last ? ((time - last.time) & 0xffff) / counter.ticksPerSecond : 0;
    const rested = stands();
    const packets = quiet + 1;
    last = { revolutions, time };
    quiet = 0;
    if (turned === undefined || turned < 0 || seconds === 0 || turned / seconds > counter.fastest) return NaN;
    // After a rest the time may have wrapped, which makes the period too short: patience, never a false rest.
    period = Math.min(LONGEST_PERIOD, Math.max(SHORTEST_PERIOD, seconds / packets));
    return rested ? NaN : turned / seconds;
  };
}

/** Revolutions between two counts; a 16-bit count only goes up. */
function difference(now: number, before: number, bits: 16 | 32): number {
  return bits === 32 ? (now - before) | 0 : (now - before) & 0xffff;
}
