/** How long to wait before trying again: exponential, capped, with jitter so that many clients do not return at once. */

export interface BackoffOptions {
  /** Delay before the first retry, ms, without jitter. */
  readonly base: number;
  /** No delay is longer than this, ms. */
  readonly cap: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * Delay before try number `attempt`: half of it fixed, half random ("equal jitter": never a retry at once, as full
 * jitter would allow, yet spread over half the window).
 * @param attempt 1 for the first retry; anything below counts as 1
 * @returns ms, within [d/2, d] where d = min(cap, base × 2^(attempt − 1))
 */
export function backoffDelay(attempt: number, { base, cap, random }: BackoffOptions): number {
  // 2^1024 is Infinity, and min() brings it back to the cap.
  const full = Math.min(cap, base * 2 ** Math.max(0, attempt - 1));
  return full / 2 + (full / 2) * random();
}
