/**
 * FlexSense bend sensor. No specification is published; the layout is that of the platform's own web client: float32,
 * little-endian, shown as %, sent when it changes.
 */
import type { Result } from '../../model/result.ts';
import { finiteReadings, sampleAtArrival } from './at-arrival.ts';
import { FieldReader } from './field-reader.ts';
import type { Decoded, DecodeError, Profile } from './profile.ts';

const SERVICE = '897fdb8d-dec3-40bc-98e8-2310a58b0189';
export const FLEX = 'feb7cb83-e359-4b57-abc6-628286b7a79b';

function decodeFlex(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'flex');
  const readings = [sampleAtArrival('flex', [fields.f32()])];
  const read = fields.finish(readings);
  return read.ok ? finiteReadings('flex', readings) : read;
}

export const flexSenseProfile: Profile = {
  service: SERVICE,
  name: 'FlexSense',
  advertised: false,
  namePrefixes: ['FlexSenseSensor'],
  sensorType: 'flex_sensor',
  characteristics: [
    {
      uuid: FLEX,
      name: 'Bend',
      use: 'notify',
      attributes: [{ attribute: 'flex', attributeType: 'flex', samplingRate: 0 }],
      onFull: 'keep',
      makeDecoder: () => decodeFlex,
    },
  ],
};
