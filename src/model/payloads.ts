/**
 * Reading payloads as they are really sent. The platform's clients disagree with its documents and with each other
 * (numbers or `{value}`, `charging` as a word or a boolean, skeletons as text); whatever shape a fact comes in, here it
 * becomes the same numbers. Unknown types pass.
 */
import * as v from 'valibot';
import { attributeType } from './attribute-types.ts';
import type { Json } from './block.ts';
import { numericValue } from './payload.ts';
import { USUAL_ASPECT } from './skeleton.ts';

/** The numbers of one sample by name; a sample that is one number has it under ''. */
export type Numbers = Readonly<Record<string, number>>;

/** Name of the live stream of one field: the attribute's own for a plain number. */
export function streamKey(attribute: string, field: string): string {
  return field === '' ? attribute : `${attribute}/${field}`;
}

const finite = v.pipe(v.number(), v.finite());

/** Other names under which fields are sent, and the documented one. */
const ALIASES: Readonly<Record<string, string>> = {
  eCO2: 'eco2',
  TVOC: 'tvoc',
  red: 'r',
  green: 'g',
  blue: 'b',
  lat: 'latitude',
  lon: 'longitude',
  lng: 'longitude',
};

/** Names of three-axis parts inside an `imu` payload, and the documented one. */
const IMU_PARTS: Readonly<Record<string, string>> = {
  accelerometer: 'accelerometer',
  acc: 'accelerometer',
  gyroscope: 'gyroscope',
  gyro: 'gyroscope',
  magnetometer: 'magnetometer',
  mag: 'magnetometer',
};

const XYZ = v.object({ x: finite, y: finite, z: finite });
const OBJECT = v.record(v.string(), v.unknown());

/**
 * The numbers a payload stands for; empty if it has none (a place not yet known, words only).
 * @param type the attribute's type, or its id where no type is known
 */
export function numbersOf(type: string, payload: Json): Numbers {
  // Nearly everything is a plain number, hundreds of times a second.
  if (typeof payload === 'number') return Number.isFinite(payload) ? { '': payload } : {};
  const { fields, shape } = attributeType(type);
  if (type.toLowerCase() === 'imu') return imuNumbers(payload);
  if (shape === 'skeleton') return {};
  const object = v.safeParse(OBJECT, payload);
  if (fields && object.success && !Array.isArray(payload)) return fieldNumbers(object.output, fields);
  const one = numericValue(payload);
  if (one !== undefined) return { '': one };
  return object.success && !Array.isArray(payload) ? anyNumbers(object.output) : {};
}

/** The documented fields first; others that are numbers are kept too, as nobody knows what a newer client sends. */
function fieldNumbers(object: Record<string, unknown>, fields: readonly string[]): Numbers {
  const all = anyNumbers(object);
  const known = Object.fromEntries(fields.flatMap((name) => (name in all ? [[name, all[name] ?? NaN]] : [])));
  // None of the documented fields, but a value: it stands for the first.
  const [first] = fields;
  if (first !== undefined && Object.keys(known).length === 0 && 'value' in all) return { [first]: all['value'] ?? NaN };
  return { ...known, ...all };
}

function anyNumbers(object: Record<string, unknown>): Numbers {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) => {
      const parsed = v.safeParse(finite, value);
      return parsed.success ? [[ALIASES[name] ?? name, parsed.output]] : [];
    }),
  );
}

/** Structured, or the text `ts,ax,ay,az,gx,gy,gz,…` of the platform's web client. */
function imuNumbers(payload: Json): Numbers {
  if (typeof payload === 'string') return imuText(payload);
  const object = v.safeParse(OBJECT, payload);
  if (!object.success) return {};
  return Object.fromEntries(
    Object.entries(object.output).flatMap(([name, part]) => {
      const axes = v.safeParse(XYZ, part);
      const known = IMU_PARTS[name];
      if (!axes.success || known === undefined) return [];
      return Object.entries(axes.output).map(([axis, value]) => [`${known}.${axis}`, value]);
    }),
  );
}

const CSV_FIELDS = [
  'accelerometer.x',
  'accelerometer.y',
  'accelerometer.z',
  'gyroscope.x',
  'gyroscope.y',
  'gyroscope.z',
];

function imuText(text: string): Numbers {
  const [, ...parts] = text.split(',').map(Number);
  if (parts.length < CSV_FIELDS.length) return {};
  return Object.fromEntries(
    CSV_FIELDS.flatMap((name, i) => {
      const value = parts[i];
      return value !== undefined && Number.isFinite(value) ? [[name, value]] : [];
    }),
  );
}

/** A battery, as numbers, `{level}` or `{level, charging}`. */
export interface BatteryPayload {
  /** Percent. */
  readonly level: number;
  /** Undefined where it is not said. */
  readonly charging: boolean | undefined;
}

const CHARGING = v.union([v.boolean(), v.picklist(['yes', 'no'])]);
const PERCENT = v.pipe(finite, v.minValue(0), v.maxValue(100));
const BATTERY = v.object({ level: PERCENT, charging: v.optional(v.fallback(v.nullable(CHARGING), null)) });

/** Undefined if it is none. */
export function readBattery(payload: Json): BatteryPayload | undefined {
  const level = v.safeParse(PERCENT, payload);
  if (level.success) return { level: level.output, charging: undefined };
  const object = v.safeParse(BATTERY, payload);
  if (!object.success) return undefined;
  const { charging } = object.output;
  return {
    level: object.output.level,
    charging: charging === null || charging === undefined ? undefined : isYes(charging),
  };
}

function isYes(charging: boolean | 'yes' | 'no'): boolean {
  return charging === true || charging === 'yes';
}

/** A place. Degrees, metres, metres a second, degrees clockwise from north. */
export interface PlacePayload {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracy: number | undefined;
  readonly altitude: number | undefined;
  readonly speed: number | undefined;
  readonly heading: number | undefined;
}

const OPTIONAL = v.optional(v.fallback(v.nullable(finite), null));
const PLACE = v.object({
  latitude: v.pipe(finite, v.minValue(-90), v.maxValue(90)),
  longitude: v.pipe(finite, v.minValue(-180), v.maxValue(180)),
  accuracy: OPTIONAL,
  altitude: OPTIONAL,
  speed: OPTIONAL,
  heading: OPTIONAL,
});

/** Undefined while it is not known: the platform's client sends null coordinates then. */
export function readPlace(payload: Json): PlacePayload | undefined {
  const parsed = v.safeParse(PLACE, payload);
  if (!parsed.success) return undefined;
  const { latitude, longitude, ...rest } = parsed.output;
  const known = (value: number | null | undefined): number | undefined => value ?? undefined;
  return {
    latitude,
    longitude,
    accuracy: known(rest.accuracy),
    altitude: known(rest.altitude),
    speed: known(rest.speed),
    heading: known(rest.heading),
  };
}

/** Body landmarks: normalised image coordinates, visibility 0–1 where it is said. */
export interface Landmark {
  readonly x: number;
  readonly y: number;
  readonly z: number | undefined;
  readonly v: number | undefined;
}

export interface SkeletonPayload {
  readonly mode: string;
  /** Width of the picture by its height; undefined where it is not said. */
  readonly aspect: number | undefined;
  readonly landmarks: readonly Landmark[];
}

/** A skeleton to draw. */
export interface SkeletonShape {
  /** Width of the picture by its height. */
  readonly aspect: number;
  /** x, y, z, v of each landmark in a row; NaN: not said. */
  readonly points: Float32Array;
}

const LANDMARK = v.object({ x: finite, y: finite, z: v.optional(finite), v: v.optional(finite) });
const SKELETON = v.object({
  mode: v.optional(v.string(), 'full'),
  // Not ours to refuse a skeleton for.
  aspect: v.fallback(v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(10))), undefined),
  landmarks: v.pipe(v.array(LANDMARK), v.maxLength(500)),
});

/** A skeleton, as an object or as JSON text; `aspect`, `z` and `v` may be missing. Undefined if it is none. */
export function readSkeleton(payload: Json): SkeletonPayload | undefined {
  const parsed = v.safeParse(SKELETON, typeof payload === 'string' ? parsedText(payload) : payload);
  if (!parsed.success) return undefined;
  const landmarks = parsed.output.landmarks.map(({ x, y, z, v: visibility }) => ({ x, y, z, v: visibility }));
  return { mode: parsed.output.mode, aspect: parsed.output.aspect, landmarks };
}

/** A skeleton as numbers to draw; undefined if it is none. */
export function skeletonShape(payload: Json): SkeletonShape | undefined {
  const skeleton = readSkeleton(payload);
  if (!skeleton) return undefined;
  const { aspect = USUAL_ASPECT, landmarks } = skeleton;
  return {
    aspect,
    points: Float32Array.from(landmarks.flatMap(({ x, y, z = NaN, v: seen = NaN }) => [x, y, z, seen])),
  };
}

function parsedText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Text that is no JSON is no skeleton either.
    return undefined;
  }
}

/** Words of a payload, for attributes that are words: text itself, or the first of the usual text fields. */
export function wordsOf(payload: Json): string | undefined {
  if (typeof payload === 'string') return payload;
  const object = v.safeParse(OBJECT, payload);
  if (!object.success || Array.isArray(payload)) return undefined;
  for (const name of ['text', 'title', 'label', 'name', 'class', 'direction', 'mode', 'status']) {
    const value = object.output[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}
