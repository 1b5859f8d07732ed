/** Packets as a Muse headband sends them: for scripted devices and tests. Formats: profiles/muse/. */
import { writePacket } from './packet-writer.ts';

const PACKET_BYTES = 20;
/** µV of a step of the EEG converter, its middle and its highest step. */
const EEG_STEP = 0.48828125;
const EEG_MIDDLE = 0x800;
const EEG_MOST = 0xfff;

/** EEG: number of the packet (16 bits), twelve samples in µV, rounded to the converter's steps and cut to its range. */
export function encodeEeg(count: number, microvolts: readonly number[]): Uint8Array<ArrayBuffer> {
  const packet = writePacket().big(2, count);
  const steps = microvolts.map((value) => clamp(Math.round(value / EEG_STEP) + EEG_MIDDLE, 0, EEG_MOST));
  for (let i = 0; i < steps.length; i += 2) packet.big(3, (steps[i] ?? 0) * 0x1000 + (steps[i + 1] ?? 0));
  return packet.bytes();
}

/** Acceleration in g/16384 or rotation in 0.0074768 °/s: number, three vectors of signed 16-bit counts. */
export function encodeMotion(count: number, counts: readonly number[]): Uint8Array<ArrayBuffer> {
  return writePacket()
    .big(2, count, ...counts)
    .bytes();
}

/** PPG: number, six unsigned 24-bit samples. */
export function encodePpg(count: number, samples: readonly number[]): Uint8Array<ArrayBuffer> {
  return writePacket()
    .big(2, count)
    .big(3, ...samples)
    .bytes();
}

/** Telemetry: number, charge in percent, voltage in V, temperature in °C. */
export function encodeTelemetry(
  count: number,
  percent: number,
  voltage: number,
  temperature: number,
): Uint8Array<ArrayBuffer> {
  const packet = writePacket().big(2, count, Math.round(percent * 512), Math.round(voltage / 2.2e-3), 0, temperature);
  return packet.u8(...Array.from({ length: PACKET_BYTES - 10 }, () => 0)).bytes();
}

/** An answer of the control point in the pieces it comes in: a length, up to 19 characters, padding. */
export function encodeAnswer(json: string): Uint8Array<ArrayBuffer>[] {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < json.length; at += PACKET_BYTES - 1) {
    const text = json.slice(at, at + PACKET_BYTES - 1);
    const padding = Array.from({ length: PACKET_BYTES - 1 - text.length }, () => 0);
    pieces.push(
      writePacket()
        .u8(text.length)
        .text(text)
        .u8(...padding)
        .bytes(),
    );
  }
  return pieces;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
