/**
 * Attribute ids and what is known about their types: category, unit, range, how to draw them.
 * Source of names, units and colours: the platform's own attribute list. Unknown types pass as generic.
 */

/** An attribute id as the server accepts it: letter or digit first, then letters, digits, `_`, `-`; 1–64 characters. */
export type AttributeId = string;

const ATTRIBUTE_ID = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/;

/**
 * True if the server accepts this id. `$` alone would let a trailing newline pass (as the server's own check does);
 * JavaScript's `$` without the `m` flag does not match before one, so it is refused here.
 */
export function isAttributeId(id: unknown): id is AttributeId {
  return typeof id === 'string' && ATTRIBUTE_ID.test(id);
}

export type AttributeCategory = 'health' | 'motion' | 'location' | 'environment' | 'device' | 'generic';

export interface AttributeType {
  /** The platform's type name, sent as `attribute_type`. */
  readonly type: string;
  readonly category: AttributeCategory;
  /** Unit as shown; empty if none. */
  readonly unit: string;
  /** Plausible range, for axes; values outside are still shown. */
  readonly range?: readonly [number, number];
  /** Digits after the point when shown as a number. */
  readonly digits: number;
  /** The platform's hint colour. */
  readonly hint?: string;
}

const TYPES: readonly AttributeType[] = [
  { type: 'heartrate', category: 'health', unit: 'bpm', range: [30, 220], digits: 0, hint: '#ff4444' },
  { type: 'rr_interval', category: 'health', unit: 'ms', range: [272, 2000], digits: 0, hint: '#ff4444' },
  { type: 'energy_expended', category: 'health', unit: 'kJ', digits: 0 },
  { type: 'ecg', category: 'health', unit: 'mV', range: [-0.5, 1.5], digits: 2, hint: '#ffc107' },
  { type: 'respiration', category: 'health', unit: '%', range: [50, 100], digits: 0, hint: '#06b6d4' },
  { type: 'battery', category: 'device', unit: '%', range: [0, 100], digits: 0 },
  { type: 'body_location', category: 'device', unit: '', digits: 0 },
  { type: 'button', category: 'device', unit: '', digits: 0 },
];

const BY_TYPE = new Map(TYPES.map((entry) => [entry.type, entry]));

/** The type's facts; unknown types are generic, without unit or range. Matching is case-insensitive, as on the server. */
export function attributeType(type: string): AttributeType {
  return BY_TYPE.get(type.toLowerCase()) ?? { type, category: 'generic', unit: '', digits: 2 };
}
