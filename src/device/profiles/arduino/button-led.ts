/**
 * The ButtonLED example of Arduino's BLE library, service 19B10010-E8F2-…: one byte for the button, 1 pressed, one for the
 * LED. Source: ArduinoBLE, examples/Peripheral/ButtonLED. The service 19B10000-E8F2-… of the library's other examples is
 * copied into sketches of every kind, with characteristics that mean something else in each: such a device has to be taught.
 */
import type { Result } from '../../../model/result.ts';
import { sampleAtArrival } from '../at-arrival.ts';
import { decodeError } from '../bytes.ts';
import { FieldReader } from '../field-reader.ts';
import type { CharacteristicSpec, Decoded, DecodeError, Profile, Uuid } from '../profile.ts';

const SERVICE = '19b10010-e8f2-537e-4f6c-d104768a1214';
export const ARDUINO_LED = '19b10011-e8f2-537e-4f6c-d104768a1214';
export const ARDUINO_BUTTON = '19b10012-e8f2-537e-4f6c-d104768a1214';

function decodeSwitch(attribute: string, bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, attribute);
  const value = fields.u8();
  if (value > 1) return decodeError('decode-reserved', `${attribute} ${value}`);
  return fields.finish({ readings: [sampleAtArrival(attribute, [value])], facts: [] });
}

function characteristic(uuid: Uuid, attribute: string, use: 'read' | 'read-notify'): CharacteristicSpec {
  const attributes = [{ attribute, attributeType: attribute, samplingRate: 0 }];
  const makeDecoder: CharacteristicSpec['makeDecoder'] = () => (bytes) => decodeSwitch(attribute, bytes);
  return { uuid, name: attribute, use, attributes, onFull: 'keep', makeDecoder };
}

export const buttonLedProfile: Profile = {
  service: SERVICE,
  name: 'Arduino button and LED',
  advertised: true,
  sensorType: 'arduino_button',
  characteristics: [
    characteristic(ARDUINO_BUTTON, 'button', 'read-notify'),
    characteristic(ARDUINO_LED, 'led', 'read'),
  ],
};
