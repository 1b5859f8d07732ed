/** A weather station: environmental sensing 0x181A with two thermometers, as in one for indoors and one for outdoors. */
import { assigned } from '../../../../src/device/profiles/profile.ts';
import type { PeripheralSetup } from '../bluetooth.ts';
import { bytes, stream } from './parts.ts';

const STATION = { temperature: assigned(0x2a6e), humidity: assigned(0x2a6f) } as const;

/** It has measured nothing yet: its first values say "not known". */
export function weatherStation(address: string, name: string): PeripheralSetup {
  const temperature = { ...stream(STATION.temperature), value: bytes('00 80') };
  return {
    address,
    name,
    services: [
      {
        uuid: assigned(0x181a),
        characteristics: [temperature, temperature, { ...stream(STATION.humidity), value: bytes('ff ff') }],
      },
    ],
  };
}
