/**
 * Gives readings a place in time. The arrival time jitters by the radio's connection interval and the browser's queues;
 * a device's own clock and the intervals between heart beats do not, so samples are placed by those, and arrivals only
 * say where that clock stands (`clock-fit.ts`). No sample is ever dated later than it arrived, and an attribute's samples
 * that the device put in order stay in order. (If this machine's clock is set back, the first rule wins.)
 */
import type { AttributeId } from '../model/attribute.ts';
import type { Block } from '../model/block.ts';
import { readingLength, type Reading } from '../model/reading.ts';
import { ClockFit } from './clock-fit.ts';

/** A chain of beats further behind arrival than this lost packets (or the link was away): start a new chain. ms */
const MAX_LAG = 2500;
/** Beats wait for the next notification, about one a second. Over this long the least lag is the lag of lost beats. ms */
const LAG_SPAN = 8000;
/** A lag of lost beats worth a correction, ms. */
const LOST_LAG = 250;
/** Stored records older than this are a calendar that was never set (they start in 1970, 2000, 2010), ms: 10 years. */
const MAX_AGE = 10 * 365.25 * 86_400_000;

/** How well a device's clock is known. */
export interface ClockReport {
  readonly clock: string;
  /** ms; undefined before its first packet. Without the delay that all packets share. */
  readonly uncertainty: number | undefined;
  /** Parts per million the device's clock is fast; undefined in the first seconds. */
  readonly driftPpm: number | undefined;
}

export interface DeviceClock {
  /**
   * Dates a reading. Its times are Unix ms, one per sample, and never later than `arrival`.
   * @param arrival Unix ms at which its bytes arrived
   */
  date(reading: Reading, arrival: number): Block;
  /** The device's clocks of this connection. */
  report(): readonly ClockReport[];
  /** Samples whose date could not be true (no number, or a calendar that was never set): dated at arrival instead. */
  readonly refused: number;
  /** A new connection: clocks and chains of the old one mean nothing any more. */
  reset(): void;
}

/** What was dated last of an attribute. */
interface Last {
  time: number;
  device: number;
}

interface Chain {
  end: number;
  /** Least lag behind arrival since `since`. */
  lag: number;
  since: number;
}

/** A clock with the memory of one connection of one sensor. */
export function createDeviceClock(): DeviceClock {
  return new Dater();
}

class Dater implements DeviceClock {
  readonly #fits = new Map<string, ClockFit>();
  readonly #last = new Map<AttributeId, Last>();
  readonly #chains = new Map<AttributeId, Chain>();
  refused = 0;

  date(reading: Reading, arrival: number): Block {
    const { attribute } = reading;
    const times = this.#times(reading, Math.floor(readingLength(reading)), arrival);
    if (reading.kind === 'structured') return { kind: 'structured', attribute, times, payloads: reading.payloads };
    const { fields } = reading;
    // A last sample that is not complete is none.
    const values = reading.values.subarray(0, times.length * (fields?.length ?? 1));
    return fields
      ? { kind: 'numeric', attribute, times, values, fields }
      : { kind: 'numeric', attribute, times, values };
  }

  report(): readonly ClockReport[] {
    return [...this.#fits].map(([clock, { uncertainty, driftPpm }]) => ({ clock, uncertainty, driftPpm }));
  }

  reset(): void {
    this.#fits.clear();
    this.#last.clear();
    this.#chains.clear();
  }

  #times({ attribute, timing }: Reading, count: number, arrival: number): Float64Array {
    switch (timing.kind) {
      case 'arrival':
        return new Float64Array(count).fill(arrival);
      case 'intervals':
        return this.#chain(attribute, fitted(timing.intervals, count, 0), arrival);
      case 'device':
        return this.#byDevice(attribute, timing.clock, fitted(timing.times, count, NaN), arrival);
      case 'host':
        return this.#believed(timing.times, count, arrival, -Infinity);
      case 'calendar':
        return this.#believed(timing.times, count, arrival, arrival - MAX_AGE);
    }
  }

  /** As given, but never later than arrival; what cannot be true is replaced by the arrival. */
  #believed(given: Float64Array, count: number, arrival: number, oldest: number): Float64Array {
    const times = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const time = given[i] ?? NaN;
      const possible = time >= oldest && Number.isFinite(time);
      if (!possible) this.refused += 1;
      times[i] = possible ? Math.min(time, arrival) : arrival;
    }
    return times;
  }

  #byDevice(attribute: AttributeId, clock: string, device: Float64Array, arrival: number): Float64Array {
    let fit = this.#fits.get(clock);
    if (!fit) this.#fits.set(clock, (fit = new ClockFit()));
    let newest = NaN;
    for (const time of device) if (Number.isFinite(time) && !(time <= newest)) newest = time;
    if (Number.isFinite(newest)) fit.observe(newest, arrival);
    const times = new Float64Array(device.length);
    let last = this.#last.get(attribute);
    if (!last) this.#last.set(attribute, (last = { time: -Infinity, device: newest }));
    for (let i = 0; i < device.length; i++) {
      const at = device[i] ?? NaN;
      const known = Number.isFinite(at);
      if (!known) this.refused += 1;
      // When an early packet pulls the clock back, samples go on at half their pace until it has caught up: closer
      // together for a moment, but neither backwards nor all at one time.
      const step = known ? Math.max(0, at - last.device) / 2 : 0;
      const time = Math.min(arrival, Math.max(known ? fit.hostTime(at) : -Infinity, last.time + step));
      times[i] = Number.isFinite(time) ? time : arrival;
      last.time = times[i] ?? arrival;
      if (known) last.device = at;
    }
    return times;
  }

  /** Beats follow one another by their intervals; pulled back when they would run ahead of arrival. */
  #chain(attribute: AttributeId, intervals: Float64Array, arrival: number): Float64Array {
    const count = intervals.length;
    if (count === 0) return new Float64Array(0);
    const previous = this.#chains.get(attribute);
    const total = intervals.reduce((sum, interval) => sum + interval, 0);
    const chain = nextChain(previous, (previous?.end ?? arrival) + total, arrival);
    this.#chains.set(attribute, chain);
    const times = new Float64Array(count);
    // After a pull-back the first beats could fall before ones already dated: time never runs backwards.
    const floor = Math.min(previous?.end ?? -Infinity, arrival);
    let at = chain.end;
    for (let i = count - 1; i >= 0; i--) {
      times[i] = Math.max(at, floor);
      at -= intervals[i] ?? 0;
    }
    return times;
  }
}

/** Where the chain ends now: as the intervals say, or at arrival when those lost touch with it. */
function nextChain(previous: Chain | undefined, chained: number, arrival: number): Chain {
  const lag = arrival - chained;
  if (!previous || !(lag >= 0 && lag <= MAX_LAG)) return { end: arrival, lag: 0, since: arrival };
  const least = Math.min(previous.lag, lag);
  if (arrival - previous.since < LAG_SPAN) return { end: chained, lag: least, since: previous.since };
  // Not one beat came within `least` of its time: beats are missing from the chain.
  return { end: least > LOST_LAG ? chained + least : chained, lag: Infinity, since: arrival };
}

/** One number per sample, whatever the decoder gave; what is no number becomes `missing`. */
function fitted(given: Float64Array, count: number, missing: number): Float64Array {
  if (given.length === count && given.every(Number.isFinite)) return given;
  return Float64Array.from({ length: count }, (_, i) => {
    const value = given[i];
    return value !== undefined && Number.isFinite(value) ? value : missing;
  });
}
