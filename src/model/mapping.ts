/**
 * What a person taught the app about a device that no profile knows: which bytes of which characteristic mean what. Kept on
 * this device and shared as a JSON file; nothing in it is code.
 */
import * as v from 'valibot';
import { attributeType } from './attribute-types.ts';
import { isAttributeId } from './attribute.ts';
import { appError } from './errors.ts';
import { fail, ok, type Result } from './result.ts';

/** How a number stands in bytes. */
export const NUMBER_TYPES = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint24',
  'int24',
  'uint32',
  'int32',
  'float32',
  'float64',
] as const;
export type NumberType = (typeof NUMBER_TYPES)[number];

/** Bytes of one number. */
export const NUMBER_BYTES: Readonly<Record<NumberType, number>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint24: 3,
  int24: 3,
  uint32: 4,
  int32: 4,
  float32: 4,
  float64: 8,
};

/** A file that is larger than this is none of ours, characters. */
const MAX_FILE = 200_000;
const FORMAT = 'sensocto-device-mapping';

const uuid = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/));
const finite = v.pipe(v.number(), v.finite());
const label = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100));

const READING_FIELDS = v.object({
  attribute: v.pipe(
    v.string(),
    v.check((id) => isAttributeId(id), 'attribute id'),
  ),
  /** What it is, as the platform calls it; anything else is drawn as a generic number. */
  attributeType: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(64)),
  unit: v.optional(v.pipe(v.string(), v.maxLength(20)), ''),
  /** Of the first byte, from 0. */
  offset: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(511)),
  type: v.picklist(NUMBER_TYPES),
  endian: v.optional(v.picklist(['little', 'big']), 'little'),
  /** value = raw × scale + add */
  scale: v.optional(
    v.pipe(
      finite,
      v.check((scale) => scale !== 0, 'scale'),
    ),
    1,
  ),
  add: v.optional(finite, 0),
  /** Samples a second, nominal; 0: irregular. */
  samplingRate: v.optional(v.pipe(finite, v.minValue(0), v.maxValue(10_000)), 0),
});

/** Known readings are drawn, checked and compared in their one unit: another would be a wrong number on every screen. */
const READING = v.pipe(
  READING_FIELDS,
  v.forward(
    v.check(({ attributeType: type, unit }) => ['', attributeType(type).unit].includes(unit) || isFree(type), 'unit'),
    ['unit'],
  ),
);

const MAPPING = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  name: label,
  /** How the names of such devices begin; empty: they are found among all devices. */
  namePrefix: v.optional(v.pipe(v.string(), v.maxLength(50)), ''),
  characteristics: v.pipe(
    v.array(
      v.object({
        service: uuid,
        characteristic: uuid,
        readings: v.pipe(v.array(READING), v.minLength(1), v.maxLength(32)),
      }),
    ),
    v.minLength(1),
    v.maxLength(32),
  ),
});

export type TaughtReading = v.InferOutput<typeof READING>;
export type Mapping = v.InferOutput<typeof MAPPING>;
/** What a person fills in; the rest has defaults. */
export type MappingDraft = Omit<v.InferInput<typeof MAPPING>, 'format' | 'version'>;

/** True if nothing says in which unit such readings are. */
function isFree(type: string): boolean {
  return attributeType(type).unit === '';
}

/** A mapping from what a person filled in. Error: `mapping-invalid`, with the field that is wrong. */
export function makeMapping(draft: MappingDraft): Result<Mapping> {
  return parseMapping({ ...draft, format: FORMAT, version: 1 });
}

/** A mapping from anything. Errors: `mapping-invalid`, `mapping-duplicate` if two readings share an attribute. */
export function parseMapping(value: unknown): Result<Mapping> {
  const parsed = v.safeParse(MAPPING, value);
  if (!parsed.success) return fail(appError('mapping-invalid', v.getDotPath(parsed.issues[0]) ?? 'file'));
  const attributes = parsed.output.characteristics.flatMap(({ readings }) => readings.map((one) => one.attribute));
  const twice = attributes.find((attribute, i) => attributes.indexOf(attribute) !== i);
  return twice === undefined ? ok(parsed.output) : fail(appError('mapping-duplicate', twice));
}

/** A mapping from the text of a file. Error: `mapping-invalid`. */
export function readMapping(text: string): Result<Mapping> {
  if (text.length > MAX_FILE) return fail(appError('mapping-invalid', 'too large'));
  try {
    return parseMapping(JSON.parse(text));
  } catch {
    return fail(appError('mapping-invalid', 'not JSON'));
  }
}

/** The text of a file that others can read in. */
export function writeMapping(mapping: Mapping): string {
  return `${JSON.stringify(mapping, null, 2)}\n`;
}

/** Services that the browser must be asked for. */
export function servicesOf(mapping: Mapping): readonly string[] {
  return [...new Set(mapping.characteristics.map(({ service }) => service))];
}
