/**
 * Body Composition service 0x181B: measurement 2A9C, feature 2A9B. Source: Bluetooth SIG, Body Composition Service 1.0.1
 * §3 and GATT Specification Supplement (Body Composition Measurement, Body Composition Feature). The user's number and
 * height are what the monitor was told about a person, not what it measured: they are not passed on.
 */
import { ok, type Result } from '../../model/result.ts';
import { NOTHING } from './bytes.ts';
import { readLocalTime } from './date-time.ts';
import { FieldReader } from './field-reader.ts';
import { assigned, type Decoded, type DecodeError, type Decoder, type Profile } from './profile.ts';
import { bitNames, deviceFact, listText, spotSample } from './spot.ts';
import { kilograms, resolutionText, UNSUCCESSFUL } from './weight-scale.ts';

const BODY_COMPOSITION_SERVICE = assigned(0x181b);
export const BODY_COMPOSITION_MEASUREMENT = assigned(0x2a9c);
export const BODY_COMPOSITION_FEATURE = assigned(0x2a9b);

/** Bits of the first two bytes of 2A9C that are not about a value; 13–15 are reserved and ignored. */
const FLAG = { imperial: 0x0001, time: 0x0002, user: 0x0004, height: 0x0800, split: 0x1000 } as const;

type Unit = 'kJ' | 'tenths' | 'mass';

/** The values that may follow, in their order: flag, attribute, unit (kJ; tenths of a % or ohm; mass). */
const VALUES: readonly (readonly [flag: number, attribute: string, unit: Unit])[] = [
  [0x0008, 'basal_metabolism', 'kJ'],
  [0x0010, 'muscle_percentage', 'tenths'],
  [0x0020, 'muscle_mass', 'mass'],
  [0x0040, 'fat_free_mass', 'mass'],
  [0x0080, 'soft_lean_mass', 'mass'],
  [0x0100, 'body_water_mass', 'mass'],
  [0x0200, 'body_impedance', 'tenths'],
  [0x0400, 'body_weight', 'mass'],
];

interface Composition {
  /** Unix ms, the monitor's calendar read as local time. */
  readonly time: number | undefined;
  /** Tenths of a percent, or 0xFFFF: the measurement failed. */
  readonly fat: number;
  /** True for each half of a measurement that needs two packets. */
  readonly split: boolean;
  /** Values in the platform's units. */
  readonly values: readonly (readonly [attribute: string, value: number])[];
}

/** Parses a 2A9C packet. Errors: `decode-truncated`, `decode-oversized`. */
function parseComposition(bytes: DataView): Result<Composition, DecodeError> {
  const fields = new FieldReader(bytes, 'body composition');
  const flags = fields.u16();
  const fat = fields.u16();
  const time = (flags & FLAG.time) === 0 ? undefined : readLocalTime(fields);
  if ((flags & FLAG.user) !== 0) fields.skip(1);
  const values = VALUES.filter(([flag]) => (flags & flag) !== 0).map(
    ([, attribute, unit]) => [attribute, inUnit(fields.u16(), unit, (flags & FLAG.imperial) !== 0)] as const,
  );
  if ((flags & FLAG.height) !== 0) fields.skip(2);
  return fields.finish({ time, fat, split: (flags & FLAG.split) !== 0, values });
}

function inUnit(raw: number, unit: Unit, imperial: boolean): number {
  if (unit === 'mass') return kilograms(raw, imperial);
  return unit === 'tenths' ? raw / 10 : raw;
}

/**
 * A measurement too long for one packet comes in two; the second repeats the body fat and has no date, so it takes the
 * first one's and adds only what is new.
 */
function makeMeasurementDecoder(): Decoder {
  let first: Composition | undefined;
  return (bytes) => {
    const parsed = parseComposition(bytes);
    if (!parsed.ok) {
      first = undefined;
      return parsed;
    }
    const { fat, split, values, time: ownTime } = parsed.value;
    const before = first && split && ownTime === undefined && continues(first, parsed.value) ? first : undefined;
    first = split && before === undefined ? parsed.value : undefined;
    if (fat === UNSUCCESSFUL) return ok(NOTHING);
    const time = ownTime ?? before?.time;
    const readings = [
      ...(before === undefined ? spotSample('body_fat', fat / 10, time) : []),
      ...values.flatMap(([attribute, value]) => spotSample(attribute, value, time)),
    ];
    return ok({ readings, facts: [] });
  };
}

/** True if the two can be halves of one measurement: the same body fat, and no value twice. */
function continues(first: Composition, second: Composition): boolean {
  const had = new Set(first.values.map(([attribute]) => attribute));
  return first.fat === second.fat && !second.values.some(([attribute]) => had.has(attribute));
}

const FEATURES: readonly string[] = [
  'time stamp',
  'several users',
  'basal metabolism',
  'muscle percentage',
  'muscle mass',
  'fat free mass',
  'soft lean mass',
  'body water mass',
  'impedance',
  'weight',
  'height',
];

function decodeFeature(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'body composition feature');
  const bits = fields.u32();
  return fields.finish({
    readings: [],
    facts: [
      deviceFact('body composition features', listText(bitNames(bits, FEATURES))),
      deviceFact('body composition resolution', resolutionText((bits >>> 11) & 0x0f)),
    ],
  });
}

export const bodyCompositionProfile: Profile = {
  service: BODY_COMPOSITION_SERVICE,
  name: 'Body composition',
  advertised: true,
  sensorType: 'body_composition_monitor',
  characteristics: [
    {
      uuid: BODY_COMPOSITION_FEATURE,
      name: 'Body composition feature',
      use: 'read-notify',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => decodeFeature,
    },
    {
      uuid: BODY_COMPOSITION_MEASUREMENT,
      name: 'Body composition measurement',
      use: 'notify',
      attributes: [
        { attribute: 'body_fat', attributeType: 'body_fat', samplingRate: 0 },
        ...VALUES.map(([, attribute]) => ({
          attribute,
          attributeType: attribute === 'body_weight' ? 'weight' : attribute,
          samplingRate: 0,
        })),
      ],
      onFull: 'keep',
      makeDecoder: makeMeasurementDecoder,
    },
  ],
};
