/**
 * Device Information service 0x180A: who made the device and which firmware it runs.
 * Source: Bluetooth SIG, Device Information Service 1.1. The serial number (2A25) is on the browsers' blocklist and
 * would identify a person's device, so it is neither listed nor requested; the system id (2A23) likewise.
 */
import { ok, type Result } from '../../model/result.ts';
import { decodeError, MAX_ATTRIBUTE_LENGTH, NOTHING } from './bytes.ts';
import { assigned, type CharacteristicSpec, type Decoded, type DecodeError, type Profile } from './profile.ts';

export const DEVICE_INFORMATION_SERVICE = assigned(0x180a);

/** Assigned number and the label its text goes by. */
const TEXTS: readonly (readonly [number, string])[] = [
  [0x2a29, 'manufacturer'],
  [0x2a24, 'model'],
  [0x2a27, 'hardware'],
  [0x2a26, 'firmware'],
  [0x2a28, 'software'],
];

/** Some firmware pads its texts with zero bytes; no control character belongs on a screen. */
// eslint-disable-next-line no-control-regex -- control characters are what is removed here
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

function decodeText(label: string, bytes: DataView): Result<Decoded, DecodeError> {
  if (bytes.byteLength > MAX_ATTRIBUTE_LENGTH)
    return decodeError('decode-oversized', `${label}: ${bytes.byteLength} bytes`);
  // Not fatal: a wrong byte in a vendor's text becomes U+FFFD, the rest is still worth showing.
  const text = new TextDecoder().decode(bytes).replace(CONTROL, '').trim();
  // An empty text is legal and means the maker did not fill it in.
  return ok(text === '' ? NOTHING : { readings: [], facts: [{ kind: 'device', label, text }] });
}

function textCharacteristic([number, label]: readonly [number, string]): CharacteristicSpec {
  return {
    uuid: assigned(number),
    name: label,
    use: 'read',
    attributes: [],
    onFull: 'coalesce',
    makeDecoder: () => (bytes) => decodeText(label, bytes),
  };
}

export const deviceInformationProfile: Profile = {
  service: DEVICE_INFORMATION_SERVICE,
  name: 'Device information',
  advertised: false,
  sensorType: 'device_information',
  characteristics: TEXTS.map(textCharacteristic),
};
