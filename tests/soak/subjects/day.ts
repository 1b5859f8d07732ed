/** What a strap with ECG and accelerometer measures in a day, second by second, always the same. */
import { singleValue, type Block } from '../../../src/model/block.ts';
import type { AttributeRegistration } from '../../../src/model/sensor.ts';
import { ECG_RATE, noiseSource, syntheticEcg } from '../../support/ecg.ts';

export const DAY_SENSOR = 'soak-day';
const MOTION_RATE = 50;
/** The ECG repeats after so many seconds: a day of it would take minutes to compute. */
const LOOP = 600;

export const REGISTRATIONS: readonly AttributeRegistration[] = [
  { attribute: 'ecg', attributeType: 'ecg', samplingRate: ECG_RATE },
  { attribute: 'heartrate', attributeType: 'heartrate', samplingRate: 1 },
  { attribute: 'rr_interval', attributeType: 'rr_interval', samplingRate: 0 },
  { attribute: 'accelerometer', attributeType: 'imu', samplingRate: MOTION_RATE },
];

/** Blocks of each second. @param start Unix ms, whole seconds */
export function* dayOfBlocks(start: number, seconds: number): Generator<readonly Block[]> {
  const noise = noiseSource(7);
  const ecg = syntheticEcg(LOOP * ECG_RATE, () => noise.gauss(8));
  const motion = noiseSource(11);
  for (let second = 0; second < seconds; second++) {
    const at = start + second * 1000;
    const from = (second % LOOP) * ECG_RATE;
    // Plus 0: rounding gives −0, which JSON cannot carry.
    const axes = Float32Array.from(
      { length: 3 * MOTION_RATE },
      (_, i) => Math.round((i % 3 === 2 ? 1000 : 0) + 200 * Math.sin((second + i / 150) / 3) + motion.uniform(12)) + 0,
    );
    yield [
      { kind: 'numeric', attribute: 'ecg', times: regular(at, ECG_RATE), values: ecg.slice(from, from + ECG_RATE) },
      singleValue('heartrate', at, 60 + Math.round(20 * Math.sin(second / 200))),
      singleValue('rr_interval', at, Math.round(900 + 80 * Math.sin(second / 7) + motion.uniform(20))),
      {
        kind: 'numeric',
        attribute: 'accelerometer',
        times: regular(at, MOTION_RATE),
        values: axes,
        fields: ['x', 'y', 'z'],
      },
    ];
  }
}

function regular(start: number, rate: number): Float64Array {
  return Float64Array.from({ length: rate }, (_, i) => start + (i * 1000) / rate);
}
