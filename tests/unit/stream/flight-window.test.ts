import { describe, expect, it } from 'vitest';
import { createFlightWindow, MAX_BYTES_IN_FLIGHT } from '../../../src/stream/flight-window.ts';

/** A link of so many bytes a second that answers after `latency` ms more, always filled. */
function used(bytesPerSecond: number, latency: number, rounds = 40): number {
  const window = createFlightWindow();
  for (let i = 0; i < rounds; i++) window.answered(window.limit, latency + (window.limit * 1000) / bytesPerSecond);
  return window.limit;
}

describe('the window of what is on its way', () => {
  it('opens to its full size on a fast link', () => {
    expect(used(1e6, 20)).toBe(MAX_BYTES_IN_FLIGHT);
  });

  it('keeps what waits on a slow link within half the time after which its heartbeat counts as lost', () => {
    for (const rate of [2500, 5000, 10_000]) expect(used(rate, 50) / rate).toBeLessThanOrEqual(5);
  });

  it('opens on a link that is fast but far away', () => {
    expect(used(1e6, 3000)).toBe(MAX_BYTES_IN_FLIGHT);
  });

  it('does not shrink because little was sent', () => {
    const window = createFlightWindow();
    const { limit } = window;
    for (let i = 0; i < 20; i++) window.answered(80, 1000);
    expect(window.limit).toBe(limit);
  });

  it('halves when a join ends with batches unanswered, down to a few batches', () => {
    const window = createFlightWindow();
    const { limit } = window;
    window.lost();
    expect(window.limit).toBe(limit / 2);
    for (let i = 0; i < 20; i++) window.lost();
    expect(window.limit).toBe(8192);
  });
});
