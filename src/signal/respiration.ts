/**
 * Breaths per minute of a series that breathing modulates: intervals between beats (respiratory sinus arrhythmia), the
 * height of R peaks (the heart turns with each breath), the tilt of an accelerometer on the trunk. The methods are those
 * compared in Charlton et al., Breathing rate estimation from the electrocardiogram and photoplethysmogram, IEEE Rev.
 * Biomed. Eng. 11, 2018. The rate is the peak of the spectrum; quality is how much of the power stands there.
 */
import { spectrumOf, type Spectrum } from './spectrum.ts';

/** Hz: 5 to 42 breaths a minute. */
const LOWEST = 0.08;
const HIGHEST = 0.7;
/** Shorter series resolve less than 2 breaths a minute, ms. */
const MIN_SPAN = 30_000;
const MIN_SAMPLES = 15;
/** From here on a rate is worth showing. Noise reaches 0.5 once in a hundred windows. */
export const GOOD_BREATHING = 0.55;

export interface Breathing {
  /** Breaths per minute. */
  readonly rate: number;
  /** 0 (noise) … 1 (one clear wave). */
  readonly quality: number;
}

/**
 * Rate of the strongest wave.
 * @param times ms, ascending, the same for all
 * @param series one or more series of the same length; their spectra are added (the axes of an accelerometer)
 * @returns undefined if the window is under 30 s or the samples are too few
 */
export function breathingOf(times: Float64Array, series: readonly Float64Array[]): Breathing | undefined {
  const n = times.length;
  const span = (times[n - 1] ?? 0) - (times[0] ?? 0);
  if (!(span >= MIN_SPAN * 0.95) || n < MIN_SAMPLES) return undefined;
  // Nothing faster than half the sampling can be told apart (with one sample per heart beat that matters).
  const highest = Math.min(HIGHEST, (0.5 * (n - 1) * 1000) / span);
  if (highest < 2 * LOWEST) return undefined;
  let sum: Spectrum | undefined;
  for (const values of series) {
    const one = spectrumOf(times, values, { from: LOWEST / 2, to: highest, taper: true });
    if (!one) return undefined;
    sum = sum ? added(sum, one) : one;
  }
  return sum && strongest(sum, span / 1000);
}

function added(a: Spectrum, b: Spectrum): Spectrum {
  return { ...a, density: a.density.map((power, k) => power + (b.density[k] ?? 0)) };
}

function strongest({ from, step, density }: Spectrum, seconds: number): Breathing | undefined {
  let best = -1;
  let total = 0;
  for (let k = 0; k < density.length; k++) {
    const power = density[k] ?? 0;
    total += power;
    const inside = from + k * step >= LOWEST && k > 0 && k < density.length - 1;
    const isPeak = power >= (density[k - 1] ?? 0) && power > (density[k + 1] ?? 0);
    if (inside && isPeak && (best < 0 || power > (density[best] ?? 0))) best = k;
  }
  if (best < 0 || !(total > 0)) return undefined;
  // The main lobe of the tapered window is four resolutions wide.
  const half = Math.round(2 / seconds / step);
  let near = 0;
  let rows = 0;
  for (let k = Math.max(0, best - half); k <= best + half && k < density.length; k++) {
    near += density[k] ?? 0;
    rows += 1;
  }
  const chance = rows / density.length;
  const quality = Math.max(0, Math.min(1, (near / total - chance) / (1 - chance)));
  const frequency = from + (best + vertex(density[best - 1], density[best], density[best + 1])) * step;
  return { rate: 60 * frequency, quality };
}

/** Where the parabola through three neighbours peaks, −0.5 … 0.5 from the middle one. */
function vertex(left = 0, middle = 0, right = 0): number {
  const bend = left - 2 * middle + right;
  return bend < 0 ? Math.max(-0.5, Math.min(0.5, (left - right) / (2 * bend))) : 0;
}
