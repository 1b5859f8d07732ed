/**
 * Health Thermometer service 0x1809: temperature measurement 2A1C, temperature type 2A1D, intermediate temperature 2A1E,
 * measurement interval 2A21. Source: Bluetooth SIG, Health Thermometer Service 1.0 §3 and GATT Specification Supplement
 * (Temperature Measurement, Temperature Type, Intermediate Temperature, Measurement Interval).
 */
import { ok, type Result } from '../../model/result.ts';
import { decodeError, exactly } from './bytes.ts';
import { readLocalTime } from './date-time.ts';
import { FieldReader } from './field-reader.ts';
import { assigned, type Decoded, type DecodeError, type Decoder, type Profile, type Uuid } from './profile.ts';
import { deviceFact, spotPayload, spotSample } from './spot.ts';

export const HEALTH_THERMOMETER_SERVICE = assigned(0x1809);
export const TEMPERATURE_MEASUREMENT = assigned(0x2a1c);
export const TEMPERATURE_TYPE = assigned(0x2a1d);
export const INTERMEDIATE_TEMPERATURE = assigned(0x2a1e);
export const MEASUREMENT_INTERVAL = assigned(0x2a21);

/** Bits of the first byte of 2A1C and 2A1E; the others are reserved and ignored. */
const FLAG = { fahrenheit: 0x01, time: 0x02, type: 0x04 } as const;

/** Names of the temperature types 1–9; 0 and everything above is reserved. */
const SITES: readonly (string | undefined)[] = [
  undefined,
  'armpit',
  'body',
  'ear',
  'finger',
  'gastrointestinal tract',
  'mouth',
  'rectum',
  'toe',
  'eardrum',
];

/** Everything one 2A1C or 2A1E packet says. */
interface Temperature {
  /** °C; NaN where the thermometer has no value. */
  readonly celsius: number;
  /** Unix ms, the thermometer's calendar read as local time; undefined where not in this packet or not known. */
  readonly time: number | undefined;
  /** Assigned number of the site of measurement; undefined where not in this packet. */
  readonly type: number | undefined;
}

/** Parses a 2A1C or 2A1E packet. Errors: `decode-truncated`, `decode-oversized`. */
function parseTemperature(bytes: DataView, what: string): Result<Temperature, DecodeError> {
  const fields = new FieldReader(bytes, what);
  const flags = fields.u8();
  const value = fields.float();
  return fields.finish({
    celsius: (flags & FLAG.fahrenheit) === 0 ? value : ((value - 32) * 5) / 9,
    time: (flags & FLAG.time) === 0 ? undefined : readLocalTime(fields),
    type: (flags & FLAG.type) === 0 ? undefined : fields.u8(),
  });
}

/** Decoders that share the site of measurement: a thermometer for one site says it once, not in each packet. */
function connectionDecoders(): { readonly measurement: Decoder; readonly type: Decoder } {
  let fixedType: number | undefined;

  function decodeMeasurement(bytes: DataView): Result<Decoded, DecodeError> {
    const parsed = parseTemperature(bytes, 'temperature measurement');
    if (!parsed.ok) return parsed;
    const { celsius, time, type = fixedType } = parsed.value;
    const readings = spotSample('body_temperature', celsius, time);
    const site = type === undefined ? undefined : SITES[type];
    if (readings.length === 0 || site === undefined) return ok({ readings, facts: [] });
    return ok({
      readings: [...readings, spotPayload('body_temperature_site', { value: type ?? 0, text: site }, time)],
      facts: [],
    });
  }

  function decodeType(bytes: DataView): Result<Decoded, DecodeError> {
    const sized = exactly(bytes, 1, 'temperature type');
    if (!sized.ok) return sized;
    const type = bytes.getUint8(0);
    const site = SITES[type];
    if (site === undefined) return decodeError('decode-reserved', `temperature type ${type}`);
    fixedType = type;
    return ok({ readings: [], facts: [deviceFact('temperature taken at', site)] });
  }

  return { measurement: decodeMeasurement, type: decodeType };
}

function makeDecoders(): ReadonlyMap<Uuid, Decoder> {
  const { measurement, type } = connectionDecoders();
  return new Map([
    [TEMPERATURE_MEASUREMENT, measurement],
    [TEMPERATURE_TYPE, type],
  ]);
}

function decodeIntermediate(bytes: DataView): Result<Decoded, DecodeError> {
  const parsed = parseTemperature(bytes, 'intermediate temperature');
  if (!parsed.ok) return parsed;
  const { celsius, time } = parsed.value;
  return ok({ readings: spotSample('body_temperature_intermediate', celsius, time), facts: [] });
}

/** Seconds between two measurements; 0 means that the thermometer measures only when asked. */
function decodeInterval(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'measurement interval');
  const seconds = fields.u16();
  const text = seconds === 0 ? 'not periodic' : `${seconds} s`;
  return fields.finish({ readings: [], facts: [deviceFact('measurement interval', text)] });
}

export const healthThermometerProfile: Profile = {
  service: HEALTH_THERMOMETER_SERVICE,
  name: 'Thermometer',
  advertised: true,
  sensorType: 'health_thermometer',
  makeDecoders,
  characteristics: [
    {
      uuid: TEMPERATURE_TYPE,
      name: 'Temperature type',
      use: 'read',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => connectionDecoders().type,
    },
    {
      uuid: TEMPERATURE_MEASUREMENT,
      name: 'Temperature measurement',
      use: 'notify',
      attributes: [
        { attribute: 'body_temperature', attributeType: 'body_temperature', samplingRate: 0 },
        { attribute: 'body_temperature_site', attributeType: 'body_temperature_site', samplingRate: 0 },
      ],
      onFull: 'keep',
      makeDecoder: () => connectionDecoders().measurement,
    },
    {
      uuid: INTERMEDIATE_TEMPERATURE,
      name: 'Intermediate temperature',
      use: 'notify',
      attributes: [{ attribute: 'body_temperature_intermediate', attributeType: 'body_temperature', samplingRate: 0 }],
      onFull: 'keep',
      makeDecoder: () => decodeIntermediate,
    },
    {
      uuid: MEASUREMENT_INTERVAL,
      name: 'Measurement interval',
      use: 'read-notify',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => decodeInterval,
    },
  ],
};
