/**
 * A sensor's readings as the screen shows them: which one first, how each is drawn, how its numbers are written. The same
 * for own sensors and watched ones. Pure.
 */
import { attributeType, type AttributeType } from '../../model/attribute-types.ts';
import type { Json } from '../../model/block.ts';

/** What own and watched streams have in common. */
export interface ReadingSource {
  readonly attribute: string;
  readonly attributeType: string;
  /** Computed, not measured. */
  readonly estimated?: boolean;
  /** Of a reading that nobody knows: as the person who taught it says. */
  readonly unit?: string | undefined;
  /** The newest payload, where it is more than a number. */
  readonly latest?: Json;
}

/**
 * How a reading is shown: a number with its trace, a trace that says more than its number, several numbers in one picture,
 * several numbers that make no picture, words.
 */
export type ReadingView = 'number' | 'waveform' | 'fields' | 'place' | 'words' | 'skeleton';

export interface ReadingItem {
  readonly attribute: string;
  readonly type: AttributeType;
  readonly view: ReadingView;
  readonly estimated: boolean;
  readonly latest: Json | undefined;
}

/** Most telling first. What is not named follows by its view. */
const ORDER = [
  ...['heartrate', 'hr', 'ecg', 'eeg', 'emg', 'spo2', 'pulse_rate', 'respiration', 'breath_pressure', 'ppg'],
  ...['power', 'speed', 'cadence', 'glucose', 'blood_pressure_sys', 'blood_pressure_dia', 'weight'],
  ...['body_temperature', 'temperature', 'water_temperature', 'humidity', 'pressure'],
  ...['eye_gaze', 'skeleton', 'pose_skeleton', 'imu', 'accelerometer', 'gyroscope', 'quaternion', 'euler'],
  ...['gravity', 'heading', 'geolocation', 'microphone', 'vibrate', 'rr_interval', 'pp_interval'],
];
/** What is shown elsewhere on the card, or is about the device rather than by it. */
const ASIDE: ReadonlySet<string> = new Set(['battery', 'body_location', 'signal_quality', 'network']);
const BY_VIEW: Readonly<Record<ReadingView, number>> = {
  waveform: 0,
  number: 1,
  fields: 1,
  place: 2,
  skeleton: 2,
  words: 3,
};
/** Ranks: named ones, then the rest by view, then what is computed, then what is set aside. */
const UNNAMED = ORDER.length;
const COMPUTED = UNNAMED + 10;
const LAST = COMPUTED + 10;

/** All readings, the most telling first; equals keep the order they came in. */
export function readingsOf(sources: readonly ReadingSource[]): readonly ReadingItem[] {
  return sources.map(readingOf).sort((a, b) => rank(a) - rank(b));
}

export function readingOf(source: ReadingSource): ReadingItem {
  const known = attributeType(source.attributeType === '' ? source.attribute : source.attributeType);
  const type = known.category === 'generic' && source.unit !== undefined ? { ...known, unit: source.unit } : known;
  return {
    attribute: source.attribute,
    type,
    view: viewOf(type),
    estimated: source.estimated === true || type.estimated === true,
    latest: source.latest,
  };
}

/** The reading a card begins with; undefined while nothing is known. */
export function mainReading(readings: readonly ReadingItem[]): ReadingItem | undefined {
  return readings[0];
}

/** Numbers of a sample shown at most: more lines cannot be told apart. */
const MAX_FIELDS = 9;

/**
 * The numbers of a sample to show: the documented ones first, of these only those that come, or all until anything has come.
 * @param arrived names that have come so far
 */
export function fieldsOf({ type }: ReadingItem, arrived: readonly string[]): readonly string[] {
  const documented = type.fields ?? [];
  if (arrived.length === 0) return documented.slice(0, MAX_FIELDS);
  const known = documented.filter((field) => arrived.includes(field));
  return [...known, ...arrived.filter((field) => !documented.includes(field))].slice(0, MAX_FIELDS);
}

function viewOf({ shape, type }: AttributeType): ReadingView {
  if (type === 'geolocation') return 'place';
  return shape === 'state' || shape === 'event' ? 'words' : shape;
}

function rank({ type, view, estimated }: ReadingItem): number {
  if (ASIDE.has(type.type)) return LAST;
  if (estimated) return COMPUTED;
  const named = ORDER.indexOf(type.type);
  return named < 0 ? UNNAMED + BY_VIEW[view] : named;
}

/** How a number is written. */
export interface NumberStyle {
  readonly unit: string;
  /** After the point. */
  readonly digits: number;
  /** Characters to keep room for, so that nothing moves when 99 becomes 100. */
  readonly room: number;
}

/** Units and digits of numbers that differ from those of their reading. */
const FIELD_STYLE: Readonly<Record<string, readonly [unit: string, digits: number, room: number]>> = {
  'geolocation/accuracy': ['m', 0, 4],
  'geolocation/altitude': ['m', 0, 5],
  'geolocation/speed': ['m/s', 1, 4],
  'geolocation/heading': ['°', 0, 3],
  'gas/eco2': ['ppm', 0, 5],
  'gas/tvoc': ['ppb', 0, 5],
  'air_quality/eco2': ['ppm', 0, 5],
  'air_quality/tvoc': ['ppb', 0, 5],
  'hrv/pnn50': ['%', 0, 3],
  'hrv/quality': ['', 2, 4],
  'hrv/lf_hf': ['', 2, 4],
  'imu/accelerometer': ['m/s²', 1, 5],
  'imu/gyroscope': ['rad/s', 2, 5],
  'imu/magnetometer': ['µT', 1, 5],
};

/** How the numbers of a reading are written, or those of one of its fields. */
export function numberStyle(type: AttributeType, field = ''): NumberStyle {
  const special = FIELD_STYLE[`${type.type}/${field}`] ?? FIELD_STYLE[`${type.type}/${field.replace(/\..*$/, '')}`];
  if (special) return { unit: special[0], digits: special[1], room: special[2] };
  const { unit, digits, range } = type;
  const whole = range ? Math.max(...range.map((end) => wholeLength(end))) : 4;
  return { unit, digits, room: whole + (digits > 0 ? digits + 1 : 0) };
}

/** Characters before the point, sign and separators of thousands included. */
function wholeLength(value: number): number {
  const places = Math.trunc(Math.abs(value)).toString().length;
  return places + Math.floor((places - 1) / 3) + (value < 0 ? 1 : 0);
}

/** Numbers nobody knows the size of keep three telling digits when the usual ones would say 0.00. */
export function digitsFor(value: number, { digits }: NumberStyle, type: AttributeType): number {
  if (type.category !== 'generic' || value === 0 || !Number.isFinite(value)) return digits;
  const size = Math.floor(Math.log10(Math.abs(value)));
  return size >= 3 ? 0 : Math.min(6, Math.max(digits, 2 - size));
}

/** Smallest height of the value axis: without it, quiet signals would be blown up to noise. */
export function minSpan({ type, range, digits }: AttributeType): number {
  const known = MIN_SPAN[type];
  if (known !== undefined) return known;
  return range ? (range[1] - range[0]) / 20 : 10 ** -digits;
}

const MIN_SPAN: Readonly<Record<string, number>> = {
  heartrate: 20,
  hr: 20,
  rr_interval: 200,
  ecg: 1,
  respiration: 10,
  battery: 20,
  accelerometer: 4,
  gyroscope: 0.5,
  geolocation: 0.001,
  eye_gaze: 0.2,
};
