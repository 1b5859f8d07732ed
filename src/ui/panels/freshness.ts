/** When a reading somebody else sends counts as stale. Pure. */
import type { RingBuffer } from '../../app/api.ts';
import { typicalInterval } from '../parts/trace/geometry.ts';
import type { ReadingItem } from './reading.ts';

/** No value for this long is stale, ms. The server may batch up to 5 s when nobody looks. */
const STALE_AFTER = 6_000;
/** Of streams whose rhythm is not known yet and that are not known to be fast, ms. */
const PATIENCE = 60_000;
/** Skeletons come several times a second or not at all, ms. */
export const SKELETON_STALE_AFTER = 3000;
const FAST: ReadonlySet<string> = new Set(['heartrate', 'hr', 'rr_interval']);

/**
 * ms without a value after which a reading is stale: three of its own usual steps, as a thermometer may speak once a minute.
 */
export function staleAfter({ type, view }: ReadingItem, ring: RingBuffer): number {
  const rhythm = typicalInterval(ring);
  if (rhythm !== undefined) return Math.max(STALE_AFTER, 3 * rhythm);
  return view === 'waveform' || view === 'fields' || FAST.has(type.type) ? STALE_AFTER : PATIENCE;
}
