/** When the heart on a card moves: at the wearer's real beats, a fixed moment late, never on a timer of its own. */
import type { RingBuffer } from '../../../app/api.ts';

/**
 * ms between a beat and its showing. Straps send the beats of the last second together; with this delay the first of
 * them is still ahead of us and the distances between beats stay true.
 */
export const BEAT_DELAY = 1200;
/** A beat later than this is left out rather than shown at the wrong distance, ms. */
const TOO_LATE = 150;

/**
 * Waits (ms from `now`) of the beats written since `seen`.
 * @param ring beat intervals; each value's time is the beat that ends it (Unix ms)
 * @param seen `ring.written` at the last call
 */
export function pendingBeats(ring: RingBuffer, seen: number, now: number): number[] {
  const fresh = Math.min(ring.written - seen, ring.length);
  const waits: number[] = [];
  for (let i = ring.length - fresh; i < ring.length; i++) {
    const wait = ring.timeAt(i) + BEAT_DELAY - now;
    if (wait > -TOO_LATE && wait < 2 * BEAT_DELAY) waits.push(Math.max(0, wait));
  }
  return waits;
}
