/**
 * One heart for all streams of a device: its beats, their rate, and the ECG they make. Streams may ask for slightly
 * different times; what is long ago is forgotten. Times in seconds.
 */
import { mulberry32 } from '../../../lib/random.ts';
import { createHeart } from '../heart.ts';
import { noise } from './drift.ts';

const TICKS_PER_SECOND = 1024;
/** Beats kept, s. */
const MEMORY = 90;
/** Beats of which the rate is the mean. */
const RATE_BEATS = 5;

export interface HeartBeat {
  readonly at: number;
  /** Seconds since the beat before. */
  readonly interval: number;
}

export interface Pulse {
  /** Beats in `from` < t ≤ `to`. */
  between(from: number, to: number): readonly HeartBeat[];
  /** Mean of the latest beats, beats a minute, with fractions. */
  rate(t: number): number;
  /** Lead of a chest strap, mV. */
  ecg(t: number): number;
}

/** A wave of the beat: height mV, time to the R peak s, width s. T moves with the rate. */
interface Wave {
  readonly height: number;
  readonly at: number;
  readonly width: number;
  readonly moves?: true;
}

const WAVES: readonly Wave[] = [
  { height: 0.13, at: -0.17, width: 0.024 },
  { height: -0.09, at: -0.034, width: 0.01 },
  { height: 1, at: 0, width: 0.012 },
  { height: -0.23, at: 0.032, width: 0.012 },
  { height: 0.29, at: 0.27, width: 0.045, moves: true },
];
/** Beyond so many widths a wave is flat. */
const REACH = 4;
/** The beat is over by then, s. */
const BEAT_SPAN = 0.65;

export function createPulse(seed: number): Pulse {
  const heart = createHeart(seed);
  const random = mulberry32(seed ^ 0x5bd1e995);
  let beats: HeartBeat[] = [];
  let seconds = 0;
  let ticks = 0;

  /** Has every beat up to a second after `t`. */
  function reach(t: number): void {
    while (seconds < t + 1.2) {
      seconds += 1;
      for (const interval of heart.second().ticks) {
        ticks += interval;
        beats.push({ at: ticks / TICKS_PER_SECOND, interval: interval / TICKS_PER_SECOND });
      }
    }
    if ((beats[0]?.at ?? t) < t - 2 * MEMORY) beats = beats.filter(({ at }) => at > t - MEMORY);
  }

  function waveOf({ at, interval }: HeartBeat, t: number): number {
    let sum = 0;
    for (const wave of WAVES) {
      const middle = wave.moves ? wave.at * Math.sqrt(interval / 0.8) : wave.at;
      const x = (t - at - middle) / wave.width;
      if (Math.abs(x) < REACH) sum += wave.height * Math.exp((-x * x) / 2);
    }
    return sum;
  }

  return {
    between(from, to) {
      reach(to);
      return beats.filter(({ at }) => at > from && at <= to);
    },
    rate(t) {
      reach(t);
      const past = beats.filter(({ at }) => at <= t).slice(-RATE_BEATS);
      const some = past.length > 0 ? past : beats.slice(0, 1);
      return (60 * some.length) / some.reduce((sum, { interval }) => sum + interval, 0);
    },
    ecg(t) {
      reach(t);
      let value = 0.04 * Math.sin((2 * Math.PI * t) / 4.1) + noise(random, 0.02);
      for (let i = beats.length - 1; i >= 0; i--) {
        const beat = beats[i];
        if (!beat || beat.at < t - BEAT_SPAN) break;
        value += waveOf(beat, t);
      }
      return value;
    },
  };
}
