/** What a trace shows, for people who do not see it. */
import type { RingBuffer } from '../../../app/api.ts';

export type Trend = 'steady' | 'rising' | 'falling';

export interface TraceSummary {
  /** Mean of the last 10 s. */
  readonly value: number;
  readonly trend: Trend;
}

const RECENT = 10_000;
const EARLIER = 30_000;
/** A change below this share of the value is called steady. */
const STEADY_SHARE = 0.05;

/** Mean of values with `from <= time < to`; undefined if there is none. */
function meanBetween(ring: RingBuffer, from: number, to: number): number | undefined {
  let sum = 0;
  let count = 0;
  for (let i = ring.length - 1; i >= 0; i--) {
    const time = ring.timeAt(i);
    if (time < from) break;
    if (time >= to) continue;
    sum += ring.valueAt(i);
    count += 1;
  }
  return count === 0 ? undefined : sum / count;
}

/** Compares the 10 s before the newest value with the 20 s before those; undefined for an empty ring. */
export function summarise(ring: RingBuffer): TraceSummary | undefined {
  const latest = ring.latest();
  if (latest === undefined) return undefined;
  const recent = meanBetween(ring, latest.time - RECENT, Infinity);
  if (recent === undefined) return undefined;
  const earlier = meanBetween(ring, latest.time - EARLIER, latest.time - RECENT);
  const change = earlier === undefined ? 0 : recent - earlier;
  const steady = Math.abs(change) < Math.abs(recent) * STEADY_SHARE;
  return { value: recent, trend: steady ? 'steady' : change > 0 ? 'rising' : 'falling' };
}
