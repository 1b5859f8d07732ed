/**
 * Places the samples of a packet on the sensor's clock: the stamp is the time of the first one in ms since the sensor
 * started, as a 32-bit number; the others follow at the rate, which is followed as it really is.
 */
import { createUnwrap } from '../unwrap.ts';

/** The stamp wraps around after 49.7 days. */
const STAMP_MODULUS = 2 ** 32;
/** Excess over the expected time from which samples are missing, as a part of it and in sample periods. */
const LOSS_PART = 0.3;
const LOSS_PERIODS = 2;
/** How far the true period is believed to be from the nominal one, and the weight of a packet in it. */
const TOLERANCE = 0.15;
const WEIGHT = 0.1;
/** Least distance of two samples, ms: stamps are rounded to ms, and time must not stand still. */
const LEAST = 1e-3;

export interface PacketTimes {
  /** ms on the sensor's clock, one per sample, ascending over the connection. */
  readonly times: Float64Array;
  /** Samples that must have been between this packet and the one before. */
  readonly lost: number;
}

export interface PacketClock {
  /**
   * Times of a packet's samples.
   * @param stream number of the stream; each has packets of its own, on one clock
   * @param rate nominal, Hz
   */
  packet(stream: number, stamp: number, samples: number, rate: number): PacketTimes;
  /** A stamp on the clock that ascends, ms. */
  at(stamp: number): number;
}

interface StreamState {
  first: number;
  last: number;
  samples: number;
  period: number;
}

/** A clock with the memory of one connection. */
export function createPacketClock(): PacketClock {
  const unwrap = createUnwrap(STAMP_MODULUS);
  const streams = new Map<number, StreamState>();
  /** Added to stamps, so that a sensor that starts again within a connection goes on evenly. */
  let offset = 0;

  return {
    at: (stamp) => unwrap(stamp) + offset,
    packet(stream, stamp, samples, rate) {
      const raw = unwrap(stamp);
      const nominal = 1000 / rate;
      const known = streams.get(stream);
      const period = known?.period ?? nominal;
      const expected = (known?.samples ?? 0) * period;
      if (known && raw + offset <= known.first) offset = known.first + expected - raw;
      const first = raw + offset;
      const gap = known ? first - known.first : 0;
      const isLoss = gap - expected > Math.max(LOSS_PART * expected, LOSS_PERIODS * period) && known !== undefined;
      const measured = known && !isLoss ? gap / known.samples : period;
      const believed = Math.min(Math.max(measured, nominal * (1 - TOLERANCE)), nominal * (1 + TOLERANCE));
      const next = period + WEIGHT * (believed - period);
      const times = new Float64Array(samples);
      let last = known?.last ?? -Infinity;
      for (let i = 0; i < samples; i++) times[i] = last = Math.max(first + i * next, last + LEAST);
      streams.set(stream, { first, last, samples, period: next });
      return { times, lost: isLoss && known ? Math.round(gap / period) - known.samples : 0 };
    },
  };
}
