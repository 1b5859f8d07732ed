/** A synthetic ECG as a chest strap sends it: whole µV at 130 Hz, five waves per beat, breathing baseline, noise. */
import { mulberry32 } from '../../src/lib/random.ts';

export const ECG_RATE = 130;

/** Centre (s), width (s), height (µV) of P, Q, R, S and T. */
const WAVES = [
  [-0.2, 0.025, 150],
  [-0.04, 0.01, -120],
  [0, 0.011, 1100],
  [0.035, 0.012, -250],
  [0.25, 0.045, 300],
] as const;

const BEATS_PER_SECOND = 1.2;

/** Noise sources in µV: `gauss` by standard deviation, `uniform` by half width. */
export function noiseSource(seed: number) {
  const random = mulberry32(seed);
  return {
    gauss: (deviation: number) => deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
    uniform: (half: number) => half * (2 * random() - 1),
  };
}

/** `count` samples in whole µV. @param noise µV to add to a sample */
export function syntheticEcg(count: number, noise: () => number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const t = i / ECG_RATE;
    const phase = ((t * BEATS_PER_SECOND + 0.1 * Math.sin(t / 3)) % 1) / BEATS_PER_SECOND;
    let value = 200 * Math.sin(2 * Math.PI * 0.25 * t);
    for (const [centre, width, height] of WAVES) {
      const d = phase - 0.33 - centre;
      value += height * Math.exp((-d * d) / (2 * width * width));
    }
    return Math.round(value + noise()) + 0;
  });
}
