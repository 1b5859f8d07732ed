/**
 * Muse 2: control point that takes commands as text and answers with JSON text in pieces of 20 bytes; EEG, PPG and motion
 * once it was told to go on. After the facts that muse-js and muse-lsl publish.
 */
import { assigned } from '../../../../src/device/profiles/profile.ts';
import type { Notification, PeripheralSetup } from '../bluetooth.ts';
import { stream } from './parts.ts';

const muse = (part: string): string => `273e00${part}-4c4d-454d-96be-f03bac821358`;
export const MUSE = {
  control: muse('01'),
  tp9: muse('03'),
  af7: muse('04'),
  af8: muse('05'),
  tp10: muse('06'),
  gyroscope: muse('09'),
  accelerometer: muse('0a'),
  telemetry: muse('0b'),
  ppg: [muse('0f'), muse('10'), muse('11')],
} as const;

/** Text of a notification: the first byte says how much counts, the rest is what was there before. */
const PIECE = 19;
const PRESET = 'p21';

/** What a band says of a preset that it does not know. */
const UNKNOWN = 69;

/** A band with PPG whose firmware knows preset 21 only. */
export function museBand(address: string, name: string): PeripheralSetup {
  const say = (text: string): readonly Notification[] =>
    Array.from({ length: Math.ceil(text.length / PIECE) }, (_, i) => {
      const piece = text.slice(i * PIECE, (i + 1) * PIECE);
      const data = new TextEncoder().encode(piece.padEnd(PIECE, '}'));
      return { uuid: MUSE.control, bytes: Uint8Array.of(piece.length, ...data) };
    });

  function onWrite([length = 0, ...text]: Uint8Array): readonly Notification[] {
    const command = String.fromCharCode(...text.slice(0, length)).trim();
    if (command === 's') return say('{"hn":"Muse-6A2F","hw":"31.1","bp":82.50,"fw":"1.2.13","rc":0}');
    if (command.startsWith('p') && command !== PRESET) return say(`{"rc":${UNKNOWN}}`);
    // Whoever keeps the band going gets no answer.
    return command === 'k' ? [] : say('{"rc":0}');
  }

  const streams = [MUSE.tp9, MUSE.af7, MUSE.af8, MUSE.tp10, MUSE.gyroscope, MUSE.accelerometer, MUSE.telemetry];
  return {
    address,
    name,
    services: [
      {
        uuid: assigned(0xfe8d),
        characteristics: [
          { uuid: MUSE.control, properties: { read: true, notify: true, writeWithoutResponse: true }, onWrite },
          ...[...streams, ...MUSE.ppg].map((uuid) => stream(uuid)),
        ],
      },
    ],
  };
}
