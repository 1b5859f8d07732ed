/**
 * Thingy:52 environment service EF680200. Source: Thingy:52 firmware documentation, environment service, and the packed
 * structures of its published firmware (ble_tes.h).
 */
import { appError } from '../../../model/errors.ts';
import { fail, type Result } from '../../../model/result.ts';
import { sampleAtArrival } from '../at-arrival.ts';
import { decodeError, NOTHING } from '../bytes.ts';
import { FieldReader } from '../field-reader.ts';
import type { CharacteristicSpec, Decoded, Decoder, DecodeError, DeviceIo, Profile, Uuid } from '../profile.ts';
import { THINGY, THINGY_SENSOR_TYPE } from './uuids.ts';

/** What the app asks the environment sensors for, ms. The firmware takes 100–5000 (colour: 200–5000). */
const INTERVAL = 1000;
/** Gas modes: 1 every second, 2 every ten, 3 every sixty. */
const GAS_EVERY_SECOND = 1;
const CONFIG_LENGTH = 12;
/** Where the three bytes of the colour sensor's own LED begin; they are calibration and stay as they are. */
const COLOR_LED_AT = 9;

/**
 * The fraction of a number sent as whole part and hundredths. The firmware truncates towards zero and casts what is left
 * to a byte, so hundredths of a negative number come as 0 or in two's complement; plain hundredths follow the sign.
 * @returns undefined for hundredths that neither way can give
 */
function withHundredths(whole: number, hundredths: number): number | undefined {
  if (hundredths < 100) return whole < 0 ? whole - hundredths / 100 : whole + hundredths / 100;
  return hundredths > 156 ? whole + (hundredths - 256) / 100 : undefined;
}

/** °C: int8 whole, uint8 hundredths. */
function decodeTemperature(bytes: DataView): Result<Decoded, DecodeError> {
  return decodeHundredths(bytes, 'temperature', (fields) => fields.i8());
}

/** hPa: int32 whole, uint8 hundredths. */
function decodePressure(bytes: DataView): Result<Decoded, DecodeError> {
  return decodeHundredths(bytes, 'pressure', (fields) => fields.i32());
}

function decodeHundredths(
  bytes: DataView,
  attribute: string,
  whole: (fields: FieldReader) => number,
): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, `Thingy ${attribute}`);
  const value = withHundredths(whole(fields), fields.u8());
  const read = fields.finish(value);
  if (!read.ok) return read;
  if (value === undefined) return decodeError('decode-reserved', `Thingy ${attribute}: hundredths above 99`);
  return fields.finish({ readings: [sampleAtArrival(attribute, [value])], facts: [] });
}

/** Relative humidity, one byte, 0–100 %. */
function decodeHumidity(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy humidity');
  const percent = fields.u8();
  if (percent > 100) return decodeError('decode-reserved', `Thingy humidity: ${percent}`);
  return fields.finish({ readings: [sampleAtArrival('humidity', [percent])], facts: [] });
}

/** Equivalent CO₂ in ppm, TVOC in ppb, uint16 each. The sensor's scale starts at 400 ppm; 0 means it has not measured yet. */
function decodeGas(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy gas');
  const eco2 = fields.u16();
  const tvoc = fields.u16();
  const readings = eco2 === 0 ? [] : [sampleAtArrival('air_quality', [eco2, tvoc], ['eco2', 'tvoc'])];
  return fields.finish({ ...NOTHING, readings });
}

/**
 * Counts of red, green, blue and clear light, uint16 each. The counts depend on the exposure; what a viewer wants is a
 * colour: r, g, b are scaled so that the strongest of them is 255. `clear` stays the count, as a measure of brightness.
 */
function decodeColor(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy colour');
  const counts = [fields.u16(), fields.u16(), fields.u16()];
  const clear = fields.u16();
  const strongest = Math.max(1, ...counts);
  const rgb = counts.map((count) => (255 * count) / strongest);
  return fields.finish({ readings: [sampleAtArrival('color', [...rgb, clear], ['r', 'g', 'b', 'clear'])], facts: [] });
}

/** Asks for one value a second of everything. The rest of the configuration is kept. */
async function start(device: DeviceIo): Promise<Result<void>> {
  const config = await device.read(THINGY.environmentConfig);
  if (!config.ok) return config;
  const { buffer, byteOffset, byteLength } = config.value;
  if (byteLength !== CONFIG_LENGTH)
    return fail(appError('bluetooth-gatt', `Thingy environment configuration: ${byteLength} bytes`));
  const bytes = new Uint8Array(CONFIG_LENGTH);
  const view = new DataView(bytes.buffer);
  for (const at of [0, 2, 4, 6]) view.setUint16(at, INTERVAL, true);
  view.setUint8(8, GAS_EVERY_SECOND);
  bytes.set(new Uint8Array(buffer, byteOffset + COLOR_LED_AT, CONFIG_LENGTH - COLOR_LED_AT), COLOR_LED_AT);
  return device.write(THINGY.environmentConfig, bytes);
}

function stream(uuid: Uuid, name: string, attribute: string, decode: Decoder): CharacteristicSpec {
  const attributes = [{ attribute, attributeType: attribute, samplingRate: 1000 / INTERVAL }];
  return { uuid, name, use: 'notify', attributes, onFull: 'keep', makeDecoder: () => decode };
}

export const thingyEnvironmentProfile: Profile = {
  service: THINGY.environment,
  name: 'Thingy:52 environment',
  advertised: false,
  sensorType: THINGY_SENSOR_TYPE,
  characteristics: [
    stream(THINGY.temperature, 'Temperature', 'temperature', decodeTemperature),
    stream(THINGY.humidity, 'Humidity', 'humidity', decodeHumidity),
    stream(THINGY.pressure, 'Pressure', 'pressure', decodePressure),
    stream(THINGY.gas, 'Gas', 'air_quality', decodeGas),
    stream(THINGY.color, 'Colour', 'color', decodeColor),
    {
      uuid: THINGY.environmentConfig,
      name: 'Environment configuration',
      use: 'write',
      attributes: [],
      onFull: 'keep',
      makeDecoder: () => () => decodeError('decode-reserved', 'Thingy environment configuration'),
    },
  ],
  start,
};
