/** A power meter on a bicycle: cycling power service 0x1818. */
import { assigned } from '../../../../src/device/profiles/profile.ts';
import type { PeripheralSetup } from '../bluetooth.ts';
import { battery, bytes, stream, value } from './parts.ts';

const POWER = assigned(0x2a63);

/** Worn at the left crank; knows wheel and crank revolutions. */
export function powerMeter(address: string, name: string): PeripheralSetup {
  return {
    address,
    name,
    services: [
      {
        uuid: assigned(0x1818),
        characteristics: [
          stream(POWER),
          value(assigned(0x2a65), bytes('0c 00 00 00')),
          value(assigned(0x2a5d), Uint8Array.of(5)),
        ],
      },
      battery(100),
    ],
  };
}
