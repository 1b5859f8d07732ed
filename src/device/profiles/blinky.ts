/**
 * Nordic LED Button service 00001523-1212-EFDE-1523-785FEABCD123 ("Blinky"). Source: nRF5 SDK documentation, LED Button
 * Service: button 1524, one byte, 1 pressed; LED 1525, one byte, 0 off.
 */
import type { Result } from '../../model/result.ts';
import { sampleAtArrival } from './at-arrival.ts';
import { decodeError } from './bytes.ts';
import { FieldReader } from './field-reader.ts';
import type { CharacteristicSpec, Decoded, DecodeError, Profile, Uuid } from './profile.ts';

function blinky(number: number): Uuid {
  return `0000${number.toString(16)}-1212-efde-1523-785feabcd123`;
}

const SERVICE = blinky(0x1523);
export const BLINKY_BUTTON = blinky(0x1524);
export const BLINKY_LED = blinky(0x1525);

/** 0 or 1. */
function decodeSwitch(attribute: string, bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, `Blinky ${attribute}`);
  const value = fields.u8();
  if (value > 1) return decodeError('decode-reserved', `Blinky ${attribute} ${value}`);
  return fields.finish({ readings: [sampleAtArrival(attribute, [value])], facts: [] });
}

function characteristic(uuid: Uuid, name: string, attribute: string, use: 'read' | 'read-notify'): CharacteristicSpec {
  const attributes = [{ attribute, attributeType: attribute, samplingRate: 0 }];
  return { uuid, name, use, attributes, onFull: 'keep', makeDecoder: () => (bytes) => decodeSwitch(attribute, bytes) };
}

export const blinkyProfile: Profile = {
  service: SERVICE,
  name: 'Nordic LED and button',
  advertised: true,
  sensorType: 'blinky',
  characteristics: [
    characteristic(BLINKY_BUTTON, 'Button', 'button', 'read-notify'),
    characteristic(BLINKY_LED, 'LED', 'led', 'read'),
  ],
};
