/**
 * Movesense: GATT SensorData Protocol (GD-77). A subscription is answered with an HTTP status; this one has no magnetometer
 * and the older ECG front end of 125 Hz, so that alternatives are asked for.
 */
import type { Notification, PeripheralSetup } from '../bluetooth.ts';
import { battery, stream } from './parts.ts';

const gsp = (part: string): string => `3480${part}-7185-4d5d-b431-630e7050e8f0`;
export const MOVESENSE = { command: gsp('0001'), data: gsp('0002') } as const;

const PATHS: ReadonlySet<string> = new Set(['/Meas/Temp', '/Meas/HR', '/Meas/IMU6/52', '/Meas/ECG/125']);
const SUBSCRIBE = 1;
const ANSWER = 1;
const [OK, BAD_REQUEST, NOT_FOUND] = [200, 400, 404];

export function movesense(address: string, name: string): PeripheralSetup {
  function onWrite([command, reference = 0, ...path]: Uint8Array): readonly Notification[] {
    const isGood = command === SUBSCRIBE && path.at(-1) === 0;
    const found = PATHS.has(String.fromCharCode(...path.slice(0, -1)));
    const status = isGood ? (found ? OK : NOT_FOUND) : BAD_REQUEST;
    return [{ uuid: MOVESENSE.data, bytes: Uint8Array.of(ANSWER, reference, status & 0xff, status >> 8) }];
  }

  return {
    address,
    name,
    services: [
      {
        uuid: gsp('2252'),
        characteristics: [{ uuid: MOVESENSE.command, properties: { write: true }, onWrite }, stream(MOVESENSE.data)],
      },
      battery(55),
    ],
  };
}
