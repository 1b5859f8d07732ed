/** Nordic Thingy:52 with all its services; its LED keeps what is written to it. */
import type { CharacteristicSetup, PeripheralSetup } from '../bluetooth.ts';
import { battery, bytes, stream, value } from './parts.ts';

const thingy = (number: string): string => `ef68${number}-9b35-4933-9b10-52ffa9740042`;
export const THINGY = {
  temperature: thingy('0201'),
  pressure: thingy('0202'),
  humidity: thingy('0203'),
  gas: thingy('0204'),
  color: thingy('0205'),
  environmentConfig: thingy('0206'),
  led: thingy('0301'),
  button: thingy('0302'),
  motionConfig: thingy('0401'),
  tap: thingy('0402'),
  rawMotion: thingy('0406'),
  soundConfig: thingy('0501'),
  speakerData: thingy('0502'),
  speakerStatus: thingy('0503'),
} as const;

/** Factory settings: temperature and humidity every 2 s, pressure 1 s, colour 1.5 s, gas every 10 s, white LED at 103/78/29. */
const FACTORY_ENVIRONMENT = bytes('d0 07 e8 03 d0 07 dc 05 02 67 4e 1d');
const INVALID_LENGTH = 0x0d;

/** Written to; takes only values of this many bytes. */
function setting(uuid: string, lengths: readonly number[], reads?: Uint8Array): CharacteristicSetup {
  return {
    uuid,
    properties: { write: true, read: true },
    onWrite: ({ length }) => (lengths.includes(length) ? [] : INVALID_LENGTH),
    ...(reads && { value: reads }),
  };
}

export function thingy52(address: string, name: string): PeripheralSetup {
  const motion = ['0402', '0403', '0404', '0405', '0406', '0407', '0408', '0409', '040a'].map((one) => thingy(one));
  return {
    address,
    name,
    services: [
      { uuid: thingy('0100'), characteristics: [value(thingy('0107'), bytes('02 02 00'))] },
      {
        uuid: thingy('0200'),
        characteristics: [
          ...[THINGY.temperature, THINGY.pressure, THINGY.humidity, THINGY.gas, THINGY.color].map((one) => stream(one)),
          setting(THINGY.environmentConfig, [12], FACTORY_ENVIRONMENT),
        ],
      },
      {
        uuid: thingy('0300'),
        characteristics: [setting(THINGY.led, [1, 3, 4, 5], bytes('02 01 14 ac 0d')), stream(THINGY.button)],
      },
      {
        uuid: thingy('0400'),
        characteristics: [setting(THINGY.motionConfig, [9]), ...motion.map((one) => stream(one))],
      },
      {
        uuid: thingy('0500'),
        characteristics: [
          setting(THINGY.soundConfig, [2]),
          { uuid: THINGY.speakerData, properties: { writeWithoutResponse: true } },
          stream(THINGY.speakerStatus),
        ],
      },
      battery(73),
    ],
  };
}
