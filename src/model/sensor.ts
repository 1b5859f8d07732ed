/** A sensor: one physical device (or demo device) under one id, for as long as the installation lives. */
import type { AttributeId } from './attribute.ts';
import type { Mapping } from './mapping.ts';

/** `[A-Za-z0-9_-]+`, stable hash of installation and device. Belongs to a device, not to a tab. */
export type SensorId = string;

/** What a sensor says about itself when it joins. */
export interface SensorDescriptor {
  readonly sensorId: SensorId;
  /** What people call it, e.g. `Polar H10 1234`. */
  readonly name: string;
  /** The platform's free-text sensor type, e.g. `heart_rate_strap`. */
  readonly sensorType: string;
  /** How to read it, where a person taught that. */
  readonly mappings?: readonly Mapping[];
  /** True for scripted sources: shown as demo everywhere, on other people's screens too. */
  readonly demo: boolean;
}

/** One attribute a sensor announces with `update_attributes register`. */
export interface AttributeRegistration {
  readonly attribute: AttributeId;
  readonly attributeType: string;
  /** Samples a second, nominal; 0 when irregular. */
  readonly samplingRate: number;
  /** True: computed from other attributes, not measured. */
  readonly estimated?: boolean;
  /**
   * Samples of it that are kept while they cannot be sent, at most: beyond that the oldest are given up, counted and noted.
   * Absent: all are kept.
   */
  readonly ring?: number;
}
