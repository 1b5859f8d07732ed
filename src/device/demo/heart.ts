/**
 * A scripted heart: believable beats from a seed. Slow drift of effort between rest and a jog, respiratory sinus
 * arrhythmia (the rate rises with each breath in, less so the faster the heart) and a little noise from beat to beat.
 */
import { mulberry32 } from '../../lib/random.ts';

/** Limits of the scripted rate, beats a minute. */
const SLOWEST = 55;
const FASTEST = 150;
/** The unit of RR intervals on the air. */
const TICKS_PER_SECOND = 1024;

/** What a strap would report for one second. */
export interface HeartSecond {
  /** Mean rate of the latest beats, beats a minute, rounded. */
  readonly rate: number;
  /** RR intervals of the beats that fell into this second, in 1/1024 s. */
  readonly ticks: readonly number[];
  /** Energy spent so far, kJ, with fractions. */
  readonly energy: number;
}

export interface Heart {
  /** The next second. */
  second(): HeartSecond;
  /** Starts counting energy anew. */
  resetEnergy(): void;
}

/** Parameters of one person, drawn from the seed. */
interface Person {
  readonly rest: number;
  readonly effort: number;
  readonly phases: readonly [number, number];
  readonly breath: number;
  readonly sway: number;
}

function person(random: () => number): Person {
  return {
    rest: 62 + 10 * random(),
    effort: 30 + 25 * random(),
    phases: [2 * Math.PI * random(), 2 * Math.PI * random()],
    // 12 to 17 breaths a minute.
    breath: 3.5 + 1.5 * random(),
    sway: 3 + 3 * random(),
  };
}

/** Rate at time `t` (seconds), without noise, beats a minute. */
function rateAt({ rest, effort, phases, breath, sway }: Person, t: number): number {
  // Two slow waves that never line up exactly, squared so that rest is more frequent than effort.
  const wave = (Math.sin((2 * Math.PI * t) / 311 + phases[0]) + Math.sin((2 * Math.PI * t) / 97 + phases[1])) / 4 + 0.5;
  const base = rest + effort * wave * wave;
  const depth = sway * Math.max(0.15, 1 - (base - 60) / 80);
  return clampRate(base + depth * Math.sin((2 * Math.PI * t) / breath));
}

function clampRate(rate: number): number {
  return Math.min(FASTEST, Math.max(SLOWEST, rate));
}

/** A heart that beats the same for the same seed. */
export function createHeart(seed: number): Heart {
  const random = mulberry32(seed);
  const who = person(random);
  // In ticks, so that the intervals on the air add up to the beat times without rounding drift.
  let beat = 0;
  let end = 0;
  let energy = 0;
  let recent: readonly number[] = [];

  const nextInterval = (): number => {
    const noise = 1 + 0.012 * (random() + random() - 1);
    return Math.round((60 * TICKS_PER_SECOND * noise) / rateAt(who, beat / TICKS_PER_SECOND));
  };
  let interval = nextInterval();

  return {
    second() {
      end += TICKS_PER_SECOND;
      const ticks: number[] = [];
      while (beat + interval <= end) {
        ticks.push(interval);
        beat += interval;
        interval = nextInterval();
      }
      recent = [...recent, ...ticks].slice(-5);
      const mean = recent.length === 0 ? interval : recent.reduce((sum, one) => sum + one, 0) / recent.length;
      const rate = Math.round((60 * TICKS_PER_SECOND) / mean);
      // About 3 kJ a minute at rest and 30 at 140 bpm.
      energy += Math.max(3, 0.36 * (rate - 57)) / 60;
      return { rate, ticks, energy };
    },
    resetEnergy() {
      energy = 0;
    },
  };
}
