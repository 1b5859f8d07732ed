/**
 * The attributes that are derived: their ids, and how they are registered. What their types mean (unit, range, that they
 * are estimates) stands with all other types in `model/attribute-types.ts`.
 */
import type { AttributeId } from '../model/attribute.ts';
import type { AttributeRegistration } from '../model/sensor.ts';

/** ms, ms, %, 0 … 1; of the last minute. */
export const HRV = { attribute: 'hrv', fields: ['rmssd', 'sdnn', 'pnn50', 'quality'] } as const;
/** ms², ms², 0 … 1; of the last five minutes, two at least. */
export const HRV_BANDS = { attribute: 'hrv_bands', fields: ['lf', 'hf', 'quality'] } as const;
/** bpm. */
export const ECG_HEART_RATE = { attribute: 'heartrate_ecg' } as const;
/** Breaths per minute. */
export const RESPIRATION_RATE = { attribute: 'respiration_rate' } as const;

const QUALITY_PREFIX = 'quality_';
const LONGEST_ID = 64;

const REGISTRATIONS: readonly AttributeRegistration[] = [
  { attribute: HRV.attribute, attributeType: 'hrv', samplingRate: 0.2, estimated: true },
  { attribute: HRV_BANDS.attribute, attributeType: 'hrv_bands', samplingRate: 1 / 30, estimated: true },
  { attribute: ECG_HEART_RATE.attribute, attributeType: 'heartrate_estimate', samplingRate: 1, estimated: true },
  { attribute: RESPIRATION_RATE.attribute, attributeType: 'respiration_rate', samplingRate: 0.2, estimated: true },
];

/** The id of an attribute's quality (0 … 1, one per second); undefined if it would be too long for an id. */
export function qualityIdOf(attribute: AttributeId): AttributeId | undefined {
  const id = QUALITY_PREFIX + attribute;
  return id.length <= LONGEST_ID ? id : undefined;
}

/** How a derived attribute is registered; undefined if `attribute` is not one. */
export function derivedRegistration(attribute: AttributeId): AttributeRegistration | undefined {
  if (attribute.startsWith(QUALITY_PREFIX))
    return { attribute, attributeType: 'signal_quality', samplingRate: 1, estimated: true };
  return REGISTRATIONS.find((one) => one.attribute === attribute);
}
