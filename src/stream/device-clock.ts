/**
 * Gives readings a place in time. The arrival time jitters by the radio's connection interval and the browser's queues;
 * intervals between heart beats do not, so beats are chained by their RR intervals and only pulled back when the chain
 * would run ahead of arrival. No sample is ever dated later than it arrived.
 */
import type { Block } from '../model/block.ts';
import type { Reading } from '../model/reading.ts';

/** A chain further behind arrival than this lost packets (or the link was away): start a new chain. */
const MAX_LAG = 2500;

export interface DeviceClock {
  /**
   * Dates a reading.
   * @param arrival Unix ms at which its bytes arrived
   */
  date(reading: Reading, arrival: number): Block;
  /** A new connection: chains of the old one mean nothing any more. */
  reset(): void;
}

/** A clock with the memory of one connection of one sensor. */
export function createDeviceClock(): DeviceClock {
  const lastEvent = new Map<string, number>();
  return {
    date(reading, arrival) {
      const times =
        reading.timing.kind === 'intervals'
          ? chain(reading.attribute, reading.timing.intervals, arrival)
          : new Float64Array(sampleCount(reading)).fill(arrival);
      return reading.kind === 'numeric'
        ? { kind: 'numeric', attribute: reading.attribute, times, values: reading.values }
        : { kind: 'structured', attribute: reading.attribute, times, payloads: reading.payloads };
    },
    reset: () => lastEvent.clear(),
  };

  function chain(attribute: string, intervals: Float64Array, arrival: number): Float64Array {
    const total = intervals.reduce((sum, interval) => sum + interval, 0);
    const previous = lastEvent.get(attribute);
    const chained = previous === undefined ? arrival : previous + total;
    const end = chained > arrival || arrival - chained > MAX_LAG ? arrival : chained;
    const times = endingAt(end, intervals);
    // After a pull-back the first beats could fall before ones already dated: time never runs backwards.
    if (previous !== undefined) {
      for (let i = 0; i < times.length; i++) times[i] = Math.max(times[i] ?? end, Math.min(previous, arrival));
    }
    if (times.length > 0) lastEvent.set(attribute, end);
    return times;
  }
}

function sampleCount(reading: Reading): number {
  return reading.kind === 'numeric' ? reading.values.length : reading.payloads.length;
}

/** Event times of consecutive intervals, the last one at `end`. */
function endingAt(end: number, intervals: Float64Array): Float64Array {
  const times = new Float64Array(intervals.length);
  let at = end;
  for (let i = intervals.length - 1; i >= 0; i--) {
    times[i] = at;
    at -= intervals[i] ?? 0;
  }
  return times;
}
