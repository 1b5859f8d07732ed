/**
 * Places the samples of PMD frames on the device's clock. A frame carries the time of its last sample; the samples
 * before it lie evenly between that of the frame before and its own. The first frame, and one after a loss, goes by the
 * rate.
 */

import { evenTimes } from '../bytes.ts';

/** A difference to what was expected beyond this is a clock that somebody set, not a loss, ms. */
const CLOCK_SET = 60_000;
/** Excess over the expected time from which samples are missing, as a part of it and in sample periods. */
const LOSS_PART = 0.3;
const LOSS_PERIODS = 2;
/** Weight of a frame in what is known of the true rate. */
const WEIGHT = 0.1;

export interface FrameTimes {
  /** ms on the device's clock, one per sample, ascending over the connection. */
  readonly times: Float64Array;
  /** Samples that must have been between this frame and the one before. */
  readonly lost: number;
}

export interface FrameClock {
  /**
   * Times of the samples of a frame.
   * @param stream what is measured; each has frames of its own, on one clock
   * @param stamp ms, of the frame's last sample
   * @param rate nominal, Hz
   */
  frame(stream: string, stamp: number, samples: number, rate: number): FrameTimes;
  /** A stamp of the device, ms, on the clock that ascends. */
  at(stamp: number): number;
}

/** A clock with the memory of one connection. */
export function createFrameClock(): FrameClock {
  const streams = new Map<string, { last: number; period: number }>();
  /** Added to stamps, so that a clock that is set while it runs goes on evenly. */
  let offset = 0;

  return {
    at: (stamp) => stamp + offset,
    frame(stream, stamp, samples, rate) {
      const known = streams.get(stream);
      if (!known) {
        const period = 1000 / rate;
        streams.set(stream, { last: stamp + offset, period });
        return { times: backwards(stamp + offset, samples, period), lost: 0 };
      }
      const expected = samples * known.period;
      let gap = stamp + offset - known.last;
      if (gap <= 0 || gap - expected > CLOCK_SET) {
        offset += expected - gap;
        gap = expected;
      }
      const end = known.last + gap;
      const from = known.last;
      known.last = end;
      if (gap - expected > Math.max(LOSS_PART * expected, LOSS_PERIODS * known.period)) {
        const lost = Math.round(gap / known.period) - samples;
        return { times: backwards(end, samples, known.period), lost };
      }
      const period = gap / samples;
      known.period += WEIGHT * (Math.max(period, known.period * (1 - LOSS_PART)) - known.period);
      return { times: evenTimes(from + period, samples, period), lost: 0 };
    },
  };
}

/** Times of samples one period apart, the last at `end`. */
function backwards(end: number, samples: number, period: number): Float64Array {
  return evenTimes(end - (samples - 1) * period, samples, period);
}
