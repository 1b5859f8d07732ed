/** Reproducible random numbers for scripted sources and tests. Not for anything secret. */

/**
 * Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, period 2^32, good enough to shape signals.
 * @param seed any number; only its lower 32 bits count
 * @returns a function yielding uniform numbers in [0, 1)
 */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
