/**
 * Thingy:52 configuration service EF680100: advertised, so the chooser filters by it; of its settings only the firmware
 * version is read. The device name is the owner's business. Source: Thingy:52 firmware documentation, configuration service.
 */
import { FieldReader } from '../field-reader.ts';
import type { Decoded, DecodeError, Profile } from '../profile.ts';
import type { Result } from '../../../model/result.ts';
import { THINGY, THINGY_SENSOR_TYPE } from './uuids.ts';

/** Major, minor, patch: one byte each. */
function decodeFirmware(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy firmware version');
  const text = [fields.u8(), fields.u8(), fields.u8()].join('.');
  return fields.finish({ readings: [], facts: [{ kind: 'device', label: 'firmware', text }] });
}

export const thingyConfigurationProfile: Profile = {
  service: THINGY.configuration,
  name: 'Thingy:52 configuration',
  advertised: true,
  namePrefixes: ['Thingy'],
  sensorType: THINGY_SENSOR_TYPE,
  characteristics: [
    {
      uuid: THINGY.firmwareVersion,
      name: 'Firmware version',
      use: 'read',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => decodeFirmware,
    },
  ],
};
