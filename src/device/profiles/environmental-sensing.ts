/**
 * Environmental Sensing service 0x181A: one small characteristic a quantity, read at the start and notified on change.
 * Source: Bluetooth SIG, Environmental Sensing Service 1.0 §3.1 and GATT Specification Supplement (the characteristic of
 * each name); Altitude: Indoor Positioning Service 1.0 §3.5. Altitude and Illuminance are not on the service's list, but
 * makers put them there.
 */
import type { NumericReading, Reading } from '../../model/reading.ts';
import type { Result } from '../../model/result.ts';
import { payloadAtArrival, sampleAtArrival, XYZ } from './at-arrival.ts';
import { decodeError, exactly } from './bytes.ts';
import { FieldReader } from './field-reader.ts';
import { assigned, type CharacteristicSpec, type Decoded, type DecodeError, type Profile } from './profile.ts';
import { spotSample } from './spot.ts';

const ENVIRONMENTAL_SENSING_SERVICE = assigned(0x181a);

/** A characteristic that is one number. */
interface Quantity {
  readonly number: number;
  readonly name: string;
  readonly attribute: string;
  readonly type: string;
  /** In the attribute's unit; NaN where the device does not know. */
  readonly read: (fields: FieldReader) => number;
}

const quantity = (number: number, name: string, attribute: string, type: string, read: Quantity['read']): Quantity => ({
  number,
  name,
  attribute,
  type,
  read,
});

/** Raw values that stand for "not known" or "more than can be said". */
const unless = (raw: number, unknown: readonly number[], scale = 1): number =>
  unknown.includes(raw) ? NaN : raw / scale;

/** A share of all molecules (ppm, ppb): 65535 is "not known", 65534 "that much or more". */
const share: Quantity['read'] = (from) => unless(from.u16(), [0xffff, 0xfffe]);
/** µg/m³, from an SFLOAT in kg/m³ (its finest step is 10 µg/m³). */
const density: Quantity['read'] = (from) => from.sfloat() * 1e9;
/** Degrees from 0.01°. */
const angle: Quantity['read'] = (from) => from.u16() / 100;
/** m/s from 0.01 m/s. */
const windSpeed: Quantity['read'] = (from) => from.u16() / 100;
/** °C, whole. */
const degrees: Quantity['read'] = (from) => from.i8();

const QUANTITIES: readonly Quantity[] = [
  quantity(0x2a6e, 'Temperature', 'temperature', 'temperature', (from) => unless(from.i16(), [-0x8000], 100)),
  quantity(0x2a6f, 'Humidity', 'humidity', 'humidity', (from) => unless(from.u16(), [0xffff], 100)),
  // 0.1 Pa; hPa here.
  quantity(0x2a6d, 'Pressure', 'pressure', 'pressure', (from) => from.u32() / 1000),
  // m
  quantity(0x2a6c, 'Elevation', 'elevation', 'altitude', (from) => from.i24() / 100),
  // 0.1 m above −1000 m; 65535 is "not configured", 65534 "that high or higher".
  quantity(
    0x2ab3,
    'Altitude',
    'indoor_altitude',
    'altitude',
    (from) => unless(from.u16(), [0xffff, 0xfffe], 10) - 1000,
  ),
  quantity(0x2a70, 'True wind speed', 'wind_speed', 'wind_speed', windSpeed),
  quantity(0x2a71, 'True wind direction', 'wind_direction', 'wind_direction', angle),
  quantity(0x2a72, 'Apparent wind speed', 'apparent_wind_speed', 'wind_speed', windSpeed),
  quantity(0x2a73, 'Apparent wind direction', 'apparent_wind_direction', 'wind_direction', angle),
  quantity(0x2a74, 'Gust factor', 'gust_factor', 'gust_factor', (from) => from.u8() / 10),
  // Grains in m³.
  quantity(0x2a75, 'Pollen concentration', 'pollen', 'pollen', (from) => from.u24()),
  quantity(0x2a76, 'UV index', 'uv_index', 'uv_index', (from) => from.u8()),
  // W/m²
  quantity(0x2a77, 'Irradiance', 'solar_irradiance', 'solar_irradiance', (from) => from.u16() / 10),
  // mm
  quantity(0x2a78, 'Rainfall', 'rainfall', 'rainfall', (from) => from.u16()),
  quantity(0x2a79, 'Wind chill', 'wind_chill', 'temperature', degrees),
  quantity(0x2a7a, 'Heat index', 'heat_index', 'temperature', degrees),
  quantity(0x2a7b, 'Dew point', 'dew_point', 'temperature', degrees),
  quantity(0x2a2c, 'Magnetic declination', 'magnetic_declination', 'angle', angle),
  // lux
  quantity(0x2afb, 'Illuminance', 'light', 'light', (from) => unless(from.u24(), [0xffffff], 100)),
  quantity(0x2b8c, 'CO₂ concentration', 'co2', 'co2', share),
  quantity(0x2be7, 'VOC concentration', 'voc', 'voc', share),
  quantity(0x2bcf, 'Ammonia concentration', 'ammonia_density', 'gas_density', density),
  quantity(0x2bd0, 'Carbon monoxide concentration', 'carbon_monoxide', 'gas_density', density),
  quantity(0x2bd1, 'Methane concentration', 'methane', 'gas_density', density),
  quantity(0x2bd2, 'Nitrogen dioxide concentration', 'nitrogen_dioxide', 'gas_density', density),
  quantity(0x2bd3, 'Non-methane VOC concentration', 'non_methane_voc', 'gas_density', density),
  quantity(0x2bd4, 'Ozone concentration', 'ozone', 'gas_density', density),
  quantity(0x2bd5, 'PM1 concentration', 'pm1', 'particulate_matter', density),
  quantity(0x2bd6, 'PM2.5 concentration', 'pm25', 'particulate_matter', density),
  quantity(0x2bd7, 'PM10 concentration', 'pm10', 'particulate_matter', density),
  quantity(0x2bd8, 'Sulfur dioxide concentration', 'sulfur_dioxide', 'gas_density', density),
  quantity(0x2bd9, 'Sulfur hexafluoride concentration', 'sulfur_hexafluoride', 'gas_density', density),
];

/** A characteristic of this service: read once, then told. Values change slowly; the newest counts. */
function characteristic(
  number: number,
  name: string,
  [attribute, attributeType]: readonly [string, string],
  decode: (bytes: DataView) => Result<Decoded, DecodeError>,
): CharacteristicSpec {
  return {
    uuid: assigned(number),
    name,
    use: 'read-notify',
    attributes: [{ attribute, attributeType, samplingRate: 0 }],
    onFull: 'keep',
    makeDecoder: () => decode,
  };
}

function numberCharacteristic({ number, name, attribute, type, read }: Quantity): CharacteristicSpec {
  return characteristic(number, name, [attribute, type], (bytes) =>
    fieldsOf(bytes, name, (from) => spotSample(attribute, read(from))),
  );
}

/** Magnetic flux density in µT, from 10⁻⁷ T. */
function fluxCharacteristic(number: number, attribute: string, axes: readonly string[]): CharacteristicSpec {
  const read = (from: FieldReader): NumericReading[] => [
    sampleAtArrival(
      attribute,
      axes.map(() => from.i16() / 10),
      axes,
    ),
  ];
  const name = `Magnetic flux density (${axes.length}D)`;
  return characteristic(number, name, [attribute, attribute], (bytes) => fieldsOf(bytes, name, read));
}

function fieldsOf(
  bytes: DataView,
  name: string,
  read: (from: FieldReader) => readonly Reading[],
): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, name);
  const readings = read(fields);
  return fields.finish({ readings, facts: [] });
}

/** Names of the trends 1–9. 0 is "not known", everything above reserved. */
const TRENDS: readonly string[] = [
  'unknown',
  'continuously falling',
  'continuously rising',
  'falling, then steady',
  'rising, then steady',
  'falling before a lesser rise',
  'falling before a greater rise',
  'rising before a greater fall',
  'rising before a lesser fall',
  'steady',
];

/** `{value, text}` of the last hours' barometric pressure. */
function decodeTrend(bytes: DataView): Result<Decoded, DecodeError> {
  const sized = exactly(bytes, 1, 'barometric pressure trend');
  if (!sized.ok) return sized;
  const value = bytes.getUint8(0);
  const text = TRENDS[value];
  if (text === undefined) return decodeError('decode-reserved', `barometric pressure trend ${value}`);
  const readings = value === 0 ? [] : [payloadAtArrival('pressure_trend', { value, text })];
  return { ok: true, value: { readings, facts: [] } };
}

export const environmentalSensingProfile: Profile = {
  service: ENVIRONMENTAL_SENSING_SERVICE,
  name: 'Environmental sensing',
  advertised: true,
  sensorType: 'environmental_sensor',
  characteristics: [
    ...QUANTITIES.map(numberCharacteristic),
    fluxCharacteristic(0x2aa0, 'magnetometer_2d', ['x', 'y']),
    fluxCharacteristic(0x2aa1, 'magnetometer', XYZ),
    characteristic(0x2aa3, 'Barometric pressure trend', ['pressure_trend', 'pressure_trend'], decodeTrend),
  ],
};
