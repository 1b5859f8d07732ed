/**
 * Cycling Speed and Cadence service 0x1816: measurement 2A5B, feature 2A5C, sensor location 2A5D.
 * Source: Bluetooth SIG, Cycling Speed and Cadence Service 1.0 §3 and GATT Specification Supplement (CSC Measurement,
 * CSC Feature). The control point 2A55 only sets counts and locations and is not used.
 */
import { ok, type Result } from '../../model/result.ts';
import { FieldReader } from './field-reader.ts';
import { assigned, type Decoded, type DecodeError, type Decoder, type Profile } from './profile.ts';
import { CRANK, createRevolutionMeter, wheel, WHEEL_CIRCUMFERENCE } from './revolutions.ts';
import { sensorLocation } from './sensor-location.ts';
import { bitNames, deviceFact, listText, spotSample } from './spot.ts';

const CYCLING_SERVICE = assigned(0x1816);
export const CSC_MEASUREMENT = assigned(0x2a5b);
export const CSC_FEATURE = assigned(0x2a5c);

/** Bits of the first byte of 2A5B; the others are reserved and ignored. */
const FLAG = { wheel: 0x01, crank: 0x02 } as const;

const FEATURES: readonly string[] = ['wheel revolutions', 'crank revolutions', 'several sensor locations'];

/**
 * 2A5B: cumulative wheel revolutions (32 bits) and crank revolutions (16 bits), each with the time of the last one in
 * 1/1024 s. Out: speed in m/s, the sensor's odometer in m (both for a wheel of {@link WHEEL_CIRCUMFERENCE}), cadence in
 * rpm.
 */
function createMeasurementDecoder(): Decoder {
  const wheelMeter = createRevolutionMeter(wheel(1024));
  const crankMeter = createRevolutionMeter(CRANK);
  return (bytes) => {
    const fields = new FieldReader(bytes, 'cycling speed and cadence');
    const flags = fields.u8();
    const wheelData = (flags & FLAG.wheel) === 0 ? undefined : ([fields.u32(), fields.u16()] as const);
    const crankData = (flags & FLAG.crank) === 0 ? undefined : ([fields.u16(), fields.u16()] as const);
    // A damaged packet must not reach the meters' memory.
    const whole = fields.finish(undefined);
    if (!whole.ok) return whole;
    return ok({
      readings: [
        ...spotSample('cycling_speed', wheelData && wheelMeter(...wheelData) * WHEEL_CIRCUMFERENCE),
        ...spotSample('cycling_distance', wheelData && wheelData[0] * WHEEL_CIRCUMFERENCE),
        ...spotSample('cycling_cadence', crankData && crankMeter(...crankData) * 60),
      ],
      facts: [],
    });
  };
}

function decodeFeature(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'cycling features');
  const bits = fields.u16();
  return fields.finish({
    readings: [],
    facts: [deviceFact('cycling features', listText(bitNames(bits, FEATURES)))],
  });
}

export const cyclingSpeedCadenceProfile: Profile = {
  service: CYCLING_SERVICE,
  name: 'Cycling speed and cadence',
  advertised: true,
  sensorType: 'cycling_sensor',
  characteristics: [
    {
      uuid: CSC_MEASUREMENT,
      name: 'Cycling speed and cadence measurement',
      use: 'notify',
      attributes: [
        { attribute: 'cycling_speed', attributeType: 'speed', samplingRate: 1 },
        { attribute: 'cycling_distance', attributeType: 'distance', samplingRate: 1 },
        { attribute: 'cycling_cadence', attributeType: 'cadence', samplingRate: 1 },
      ],
      onFull: 'keep',
      makeDecoder: createMeasurementDecoder,
    },
    {
      uuid: CSC_FEATURE,
      name: 'Cycling features',
      use: 'read',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => decodeFeature,
    },
    sensorLocation,
  ],
};
