/**
 * Running Speed and Cadence service 0x1814: measurement 2A53, feature 2A54, sensor location 2A5D.
 * Source: Bluetooth SIG, Running Speed and Cadence Service 1.0 §3 and GATT Specification Supplement (RSC Measurement,
 * RSC Feature). The control point 2A55 only calibrates and is not used.
 */
import { ok } from '../../model/result.ts';
import { FieldReader } from './field-reader.ts';
import { assigned, type Decoder, type Profile } from './profile.ts';
import { sensorLocation } from './sensor-location.ts';
import { bitNames, deviceFact, listText, spotSample } from './spot.ts';

const RUNNING_SERVICE = assigned(0x1814);
export const RSC_MEASUREMENT = assigned(0x2a53);
export const RSC_FEATURE = assigned(0x2a54);

/** Bits of the first byte of 2A53; the others are reserved and ignored. */
const FLAG = { strideLength: 0x01, totalDistance: 0x02, running: 0x04 } as const;
/** Bit of 2A54: the running bit of a measurement means something. */
const CAN_TELL_GAIT = 0x04;

const FEATURES: readonly string[] = [
  'stride length',
  'total distance',
  'walking or running',
  'calibration',
  'several sensor locations',
];

/**
 * 2A53: speed in 1/256 m/s, cadence in 1/min, stride length in cm, total distance in dm; out in m/s, 1/min, m, m.
 * `gait` (0 walking, 1 running) only from sensors that say they can tell: for the others the bit is always 0.
 */
function measurementDecoder(tellsGait: () => boolean): Decoder {
  return (bytes) => {
    const fields = new FieldReader(bytes, 'running speed and cadence');
    const flags = fields.u8();
    const speed = fields.u16() / 256;
    const cadence = fields.u8();
    const strideLength = (flags & FLAG.strideLength) === 0 ? NaN : fields.u16() / 100;
    const distance = (flags & FLAG.totalDistance) === 0 ? NaN : fields.u32() / 10;
    return fields.finish({
      readings: [
        ...spotSample('running_speed', speed),
        ...spotSample('running_cadence', cadence),
        ...spotSample('stride_length', strideLength),
        ...spotSample('running_distance', distance),
        ...spotSample('gait', tellsGait() ? Number((flags & FLAG.running) !== 0) : NaN),
      ],
      facts: [],
    });
  };
}

function featureDecoder(learn: (bits: number) => void): Decoder {
  return (bytes) => {
    const fields = new FieldReader(bytes, 'running features');
    const bits = fields.u16();
    const whole = fields.finish(undefined);
    if (!whole.ok) return whole;
    learn(bits);
    return ok({ readings: [], facts: [deviceFact('running features', listText(bitNames(bits, FEATURES)))] });
  };
}

function makeDecoders(): ReadonlyMap<string, Decoder> {
  let features = 0;
  return new Map([
    [RSC_MEASUREMENT, measurementDecoder(() => (features & CAN_TELL_GAIT) !== 0)],
    [RSC_FEATURE, featureDecoder((bits) => (features = bits))],
  ]);
}

export const runningSpeedCadenceProfile: Profile = {
  service: RUNNING_SERVICE,
  name: 'Running speed and cadence',
  advertised: true,
  sensorType: 'running_sensor',
  characteristics: [
    {
      uuid: RSC_MEASUREMENT,
      name: 'Running speed and cadence measurement',
      use: 'notify',
      attributes: [
        { attribute: 'running_speed', attributeType: 'speed', samplingRate: 1 },
        { attribute: 'running_cadence', attributeType: 'cadence', samplingRate: 1 },
        { attribute: 'stride_length', attributeType: 'stride_length', samplingRate: 0 },
        { attribute: 'running_distance', attributeType: 'distance', samplingRate: 0 },
        { attribute: 'gait', attributeType: 'gait', samplingRate: 0 },
      ],
      onFull: 'keep',
      makeDecoder: () => measurementDecoder(() => false),
    },
    {
      uuid: RSC_FEATURE,
      name: 'Running features',
      use: 'read',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => featureDecoder(() => undefined),
    },
    sensorLocation,
  ],
  makeDecoders,
};
