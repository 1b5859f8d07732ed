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
  | { readonly kind: 'intervals'; readonly intervals: Float64Array }
  /**
   * The device numbers or dates its samples: `times` in ms on its own clock, one per sample, ascending over a connection
   * (decoders unwrap counters), from any origin. A packet or sample counter is such a clock: count × nominal period.
   * `clock` names it; attributes that share a clock of the device name the same one.
   */
  | { readonly kind: 'device'; readonly clock: string; readonly times: Float64Array }
  /** Dated on this machine: Unix ms, one per sample. */
  | { readonly kind: 'host'; readonly times: Float64Array }
  /**
   * The device has a calendar and dates its samples with it (spot measurements, stored records): Unix ms, one per sample,
   * read as local time. Calendars are often wrong: dates that cannot be true give way to the arrival time.
   */
  | { readonly kind: 'calendar'; readonly times: Float64Array };

export interface NumericReading {
  readonly kind: 'numeric';
  readonly attribute: AttributeId;
  /** One number per sample, or one per sample and field, the fields of a sample next to each other. */
  readonly values: Float32Array;
  /** Names of the numbers of a sample (x, y, z …); absent: each sample is a plain number. */
  readonly fields?: readonly string[];
  readonly timing: Timing;
}

export interface StructuredReading {
  readonly kind: 'structured';
  readonly attribute: AttributeId;
  readonly payloads: readonly Json[];
  readonly timing: Timing;
}

export type Reading = NumericReading | StructuredReading;

/** Samples in a reading. */
export function readingLength(reading: Reading): number {
  if (reading.kind === 'structured') return reading.payloads.length;
  return reading.values.length / (reading.fields?.length ?? 1);
}
