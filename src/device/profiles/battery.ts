/** Battery service 0x180F, level 2A19: one byte of percent. Source: Bluetooth SIG, Battery Service 1.0. */
import { ok, type Result } from '../../model/result.ts';
import { decodeError, exactly } from './bytes.ts';
import { assigned, type Decoded, type DecodeError, type Profile } from './profile.ts';

export const BATTERY_SERVICE = assigned(0x180f);
export const BATTERY_LEVEL = assigned(0x2a19);

/** @returns `decode-reserved` above 100 %: some devices send 255 for "not known", and that is not a level. */
function decodeLevel(bytes: DataView): Result<Decoded, DecodeError> {
  const sized = exactly(bytes, 1, 'battery level');
  if (!sized.ok) return sized;
  const percent = bytes.getUint8(0);
  if (percent > 100) return decodeError('decode-reserved', `battery level ${percent}`);
  return ok({
    // The shape the platform documents for this attribute; a strap cannot say whether it is charging.
    readings: [
      { kind: 'structured', attribute: 'battery', payloads: [{ level: percent }], timing: { kind: 'arrival' } },
    ],
    facts: [{ kind: 'battery', percent }],
  });
}

export const batteryProfile: Profile = {
  service: BATTERY_SERVICE,
  name: 'Battery',
  advertised: false,
  sensorType: 'battery',
  characteristics: [
    {
      uuid: BATTERY_LEVEL,
      name: 'Battery level',
      use: 'read-notify',
      attributes: [{ attribute: 'battery', attributeType: 'battery', samplingRate: 0 }],
      onFull: 'coalesce',
      makeDecoder: () => decodeLevel,
    },
  ],
};
