/** Boards people program themselves: one that writes lines of text over Nordic UART, and a BBC micro:bit. */
import type { PeripheralSetup } from '../bluetooth.ts';
import { stream } from './parts.ts';

const uart = (part: string): string => `6e40${part}-b5a3-f393-e0a9-e50e24dcca9e`;
export const UART_TX = uart('0003');
const UART_RX = uart('0002');

export function uartBoard(address: string, name: string): PeripheralSetup {
  return {
    address,
    name,
    services: [
      {
        uuid: uart('0001'),
        characteristics: [stream(UART_TX), { uuid: UART_RX, properties: { write: true, writeWithoutResponse: true } }],
      },
    ],
  };
}

/** A line as a board sends it: in notifications of at most 20 bytes. */
export function textPackets(text: string): Uint8Array[] {
  const data = new TextEncoder().encode(text);
  return Array.from({ length: Math.ceil(data.length / 20) }, (_, i) => data.slice(20 * i, 20 * (i + 1)));
}

const microbit = (number: string): string => `e95d${number}-251d-470a-a062-fa1922dfa9a8`;
export const MICROBIT = {
  acceleration: microbit('ca4b'),
  accelerationPeriod: microbit('fb24'),
  magneticField: microbit('fb11'),
  magneticFieldPeriod: microbit('386c'),
  bearing: microbit('9715'),
  buttonA: microbit('da90'),
  buttonB: microbit('da91'),
  temperature: microbit('9250'),
} as const;

/** Its compass has never been calibrated, so it has no bearing to tell. */
export function microbitBoard(address: string, name: string): PeripheralSetup {
  const period = (uuid: string) => ({ uuid, properties: { read: true, write: true }, value: Uint8Array.of(20, 0) });
  return {
    address,
    name,
    services: [
      {
        uuid: microbit('0753'),
        characteristics: [stream(MICROBIT.acceleration), period(MICROBIT.accelerationPeriod)],
      },
      {
        uuid: microbit('f2d8'),
        characteristics: [
          stream(MICROBIT.magneticField),
          period(MICROBIT.magneticFieldPeriod),
          stream(MICROBIT.bearing),
        ],
      },
      { uuid: microbit('9882'), characteristics: [stream(MICROBIT.buttonA), stream(MICROBIT.buttonB)] },
      { uuid: microbit('6100'), characteristics: [stream(MICROBIT.temperature)] },
    ],
  };
}
