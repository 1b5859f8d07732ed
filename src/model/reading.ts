/**
 * A reading: samples as a device delivered them, before they have a place in time. Decoders yield readings (stateless
 * about time); `stream/device-clock.ts` turns a reading and its arrival time into a dated block.
 */
import type { AttributeId } from './attribute.ts';
import type { Json } from './block.ts';

export type Timing =
  /** All samples happened when the packet arrived; the device says nothing better. */
  | { readonly kind: 'arrival' }
  /**
   * Each sample marks the end of an interval (RR): sample i ends `intervals[i]` ms after sample i−1; the last one of the
   * packet happened at or shortly before arrival.
   */
  | { readonly kind: 'intervals'; readonly intervals: Float64Array };

export interface NumericReading {
  readonly kind: 'numeric';
  readonly attribute: AttributeId;
  readonly values: Float32Array;
  readonly timing: Timing;
}

export interface StructuredReading {
  readonly kind: 'structured';
  readonly attribute: AttributeId;
  readonly payloads: readonly Json[];
  readonly timing: Timing;
}

export type Reading = NumericReading | StructuredReading;
