/** Building blocks of believable signals, all from a seed. Times in seconds. */

/** A value that wanders slowly and smoothly. A pure function of time once made. */
export type Drift = (t: number) => number;

/**
 * @param spread the value stays within mean ± spread
 * @param seconds how long a swing takes, about
 */
export function createDrift(random: () => number, mean: number, spread: number, seconds: number): Drift {
  // Waves that never line up exactly.
  const waves = [0.61, 1, 1.73].map((part) => ({
    frequency: (2 * Math.PI) / (seconds * part * (0.9 + 0.2 * random())),
    phase: 2 * Math.PI * random(),
  }));
  return (t) => {
    let sum = 0;
    for (const { frequency, phase } of waves) sum += Math.sin(frequency * t + phase);
    return mean + (spread * sum) / waves.length;
  };
}

/** Noise with a bell-like shape, within ± size. */
export function noise(random: () => number, size: number): number {
  return ((random() + random() + random()) / 1.5 - 1) * size;
}

/** Number with so many digits behind the point. */
export function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** The value, brought into 0 ≤ value < modulus. */
export function wrap(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus;
}
