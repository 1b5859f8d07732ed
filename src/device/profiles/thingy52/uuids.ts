/**
 * UUIDs of the Nordic Thingy:52. Source: Nordic Thingy:52 firmware documentation, "Firmware architecture", Bluetooth
 * services. The hundreds say the service: 01 configuration, 02 environment, 03 user interface, 04 motion, 05 sound.
 */
import type { Uuid } from '../profile.ts';

/** Full UUID of a Thingy number. */
function thingy(number: number): Uuid {
  return `ef68${number.toString(16).padStart(4, '0')}-9b35-4933-9b10-52ffa9740042`;
}

export const THINGY = {
  configuration: thingy(0x0100),
  firmwareVersion: thingy(0x0107),
  environment: thingy(0x0200),
  temperature: thingy(0x0201),
  pressure: thingy(0x0202),
  humidity: thingy(0x0203),
  gas: thingy(0x0204),
  color: thingy(0x0205),
  environmentConfig: thingy(0x0206),
  userInterface: thingy(0x0300),
  led: thingy(0x0301),
  button: thingy(0x0302),
  motion: thingy(0x0400),
  motionConfig: thingy(0x0401),
  tap: thingy(0x0402),
  orientation: thingy(0x0403),
  quaternion: thingy(0x0404),
  steps: thingy(0x0405),
  rawMotion: thingy(0x0406),
  euler: thingy(0x0407),
  rotationMatrix: thingy(0x0408),
  heading: thingy(0x0409),
  gravity: thingy(0x040a),
  sound: thingy(0x0500),
  soundConfig: thingy(0x0501),
  speakerData: thingy(0x0502),
  speakerStatus: thingy(0x0503),
} as const;

/** Announced to the platform, which sends its commands by this type. */
export const THINGY_SENSOR_TYPE = 'thingy52';
