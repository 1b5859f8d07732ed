/**
 * Fitness Machine service 0x1826: feature 2ACC, data of six kinds of machines 2ACD–2AD2, training status 2AD3, machine
 * status 2ADA. Source: Bluetooth SIG, Fitness Machine Service 1.0. The control point 2AD9 (sets speed, power, …) and the
 * ranges 2AD4–2AD8 that go with it are not used: the app watches, it does not drive.
 */
import type { Result } from '../../../model/result.ts';
import { FieldReader } from '../field-reader.ts';
import { assigned, type Decoded, type DecodeError, type Profile } from '../profile.ts';
import { bitNames, deviceFact, listText } from '../spot.ts';
import { dataCharacteristic } from './data.ts';
import { MACHINES } from './machines.ts';
import { decodeMachineStatus, decodeTrainingStatus } from './status.ts';

const FITNESS_MACHINE_SERVICE = assigned(0x1826);
export const FITNESS_MACHINE_FEATURE = assigned(0x2acc);
export const TRAINING_STATUS = assigned(0x2ad3);
export const FITNESS_MACHINE_STATUS = assigned(0x2ada);

/** §4.3.1.1, bits 0–16. The target settings (the second four bytes) are about the control point and are passed over. */
const FEATURES: readonly string[] = [
  'average speed',
  'cadence',
  'total distance',
  'inclination',
  'elevation gain',
  'pace',
  'step count',
  'resistance level',
  'stride count',
  'expended energy',
  'heart rate',
  'metabolic equivalent',
  'elapsed time',
  'remaining time',
  'power',
  'force and power of the belt',
  'user data',
];

function decodeFeature(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'fitness machine features');
  const bits = fields.u32();
  fields.skip(4);
  return fields.finish({
    readings: [],
    facts: [deviceFact('fitness machine features', listText(bitNames(bits, FEATURES)))],
  });
}

export const fitnessMachineProfile: Profile = {
  service: FITNESS_MACHINE_SERVICE,
  name: 'Fitness machine',
  advertised: true,
  sensorType: 'fitness_machine',
  characteristics: [
    ...MACHINES.map(dataCharacteristic),
    {
      uuid: TRAINING_STATUS,
      name: 'Training status',
      use: 'read-notify',
      attributes: [{ attribute: 'training_status', attributeType: 'training_status', samplingRate: 0 }],
      onFull: 'keep',
      makeDecoder: () => decodeTrainingStatus,
    },
    {
      uuid: FITNESS_MACHINE_STATUS,
      name: 'Fitness machine status',
      use: 'notify',
      attributes: [{ attribute: 'machine_status', attributeType: 'machine_status', samplingRate: 0 }],
      onFull: 'keep',
      makeDecoder: () => decodeMachineStatus,
    },
    {
      uuid: FITNESS_MACHINE_FEATURE,
      name: 'Fitness machine features',
      use: 'read',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => decodeFeature,
    },
  ],
};
