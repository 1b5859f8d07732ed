/**
 * Weight Scale service 0x181D: measurement 2A9D, feature 2A9E. Source: Bluetooth SIG, Weight Scale Service 1.0 §3 and
 * GATT Specification Supplement (Weight Measurement, Weight Scale Feature). The user's number and height are what the
 * scale was told about a person, not what it measured: they are not passed on.
 */
import { ok, type Result } from '../../model/result.ts';
import { readLocalTime } from './date-time.ts';
import { FieldReader } from './field-reader.ts';
import { assigned, type Decoded, type DecodeError, type Profile } from './profile.ts';
import { bitNames, deviceFact, listText, spotSample } from './spot.ts';

const WEIGHT_SCALE_SERVICE = assigned(0x181d);
export const WEIGHT_MEASUREMENT = assigned(0x2a9d);
export const WEIGHT_SCALE_FEATURE = assigned(0x2a9e);

/** Bits of the first byte of 2A9D; the others are reserved and ignored. */
const FLAG = { imperial: 0x01, time: 0x02, user: 0x04, bmiAndHeight: 0x08 } as const;

/** kg in a pound. */
const KG_PER_POUND = 0.453_592_37;
/** What a scale sends instead of a value when it could not measure. */
export const UNSUCCESSFUL = 0xffff;

/** Names of the mass resolutions 1–7 of scales and body composition monitors; 0 is "not specified", the rest reserved. */
const RESOLUTIONS: readonly (string | undefined)[] = [
  undefined,
  '0.5 kg or 1 lb',
  '0.2 kg or 0.5 lb',
  '0.1 kg or 0.2 lb',
  '0.05 kg or 0.1 lb',
  '0.02 kg or 0.05 lb',
  '0.01 kg or 0.02 lb',
  '0.005 kg or 0.01 lb',
];

/** kg of a mass field: steps of 5 g, or of 0.01 lb. */
export function kilograms(raw: number, imperial: boolean): number {
  return imperial ? (raw / 100) * KG_PER_POUND : raw / 200;
}

/** Text of a mass resolution; `not specified` for 0 and for reserved values. */
export function resolutionText(value: number): string {
  return RESOLUTIONS[value] ?? 'not specified';
}

function decodeMeasurement(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'weight');
  const flags = fields.u8();
  const raw = fields.u16();
  const time = (flags & FLAG.time) === 0 ? undefined : readLocalTime(fields);
  if ((flags & FLAG.user) !== 0) fields.skip(1);
  const hasBmi = (flags & FLAG.bmiAndHeight) !== 0;
  // 0 is what scales without the user's height send: nobody's index.
  const bmi = hasBmi ? fields.u16() / 10 : 0;
  if (hasBmi) fields.skip(2);
  const whole = fields.finish(undefined);
  if (!whole.ok) return whole;
  if (raw === UNSUCCESSFUL) return ok({ readings: [], facts: [] });
  const weight = kilograms(raw, (flags & FLAG.imperial) !== 0);
  const readings = [...spotSample('weight', weight, time), ...(bmi > 0 ? spotSample('bmi', bmi, time) : [])];
  return ok({ readings, facts: [] });
}

const FEATURES: readonly string[] = ['time stamp', 'several users', 'body mass index'];

function decodeFeature(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'weight scale feature');
  const bits = fields.u32();
  return fields.finish({
    readings: [],
    facts: [
      deviceFact('scale features', listText(bitNames(bits, FEATURES))),
      deviceFact('scale resolution', resolutionText((bits >>> 3) & 0x0f)),
    ],
  });
}

export const weightScaleProfile: Profile = {
  service: WEIGHT_SCALE_SERVICE,
  name: 'Weight scale',
  advertised: true,
  sensorType: 'weight_scale',
  characteristics: [
    {
      uuid: WEIGHT_SCALE_FEATURE,
      name: 'Weight scale feature',
      use: 'read-notify',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => decodeFeature,
    },
    {
      uuid: WEIGHT_MEASUREMENT,
      name: 'Weight measurement',
      use: 'notify',
      attributes: [
        { attribute: 'weight', attributeType: 'weight', samplingRate: 0 },
        { attribute: 'bmi', attributeType: 'bmi', samplingRate: 0 },
      ],
      onFull: 'keep',
      makeDecoder: () => decodeMeasurement,
    },
  ],
};
