/** GSP packets as a Movesense sensor sends them: for scripted devices and tests. Formats: profiles/movesense/. */
import type { Stream } from '../profiles/movesense/gsp.ts';
import { writePacket, type PacketWriter } from './packet-writer.ts';

const ANSWER = 1;
const DATA = 2;
const REST = 3;

/** The answer to a command: an HTTP status. */
export function encodeAnswer({ reference }: Stream, status: number): Uint8Array<ArrayBuffer> {
  return writePacket().u8(ANSWER, reference).u16(status).bytes();
}

function data({ reference }: Stream): PacketWriter {
  return writePacket().u8(DATA, reference);
}

/** ECG: time of the first sample in ms since the sensor started, then counts of the converter. */
export function encodeEcg(stream: Stream, stamp: number, counts: readonly number[]): Uint8Array<ArrayBuffer> {
  return data(stream)
    .int(4, stamp, ...counts)
    .bytes();
}

/** Motion: stamp as for ECG, then the vectors of each sensor: acceleration m/s², rotation °/s, magnetic field µT. */
export function encodeMotion(
  stream: Stream,
  stamp: number,
  sensors: readonly (readonly number[])[],
): Uint8Array<ArrayBuffer> {
  return data(stream)
    .int(4, stamp)
    .f32(...sensors.flat())
    .bytes();
}

/** Temperature in kelvin, stamp first as the API lists it or last as sensors have been seen to send it. */
export function encodeTemperature(
  stream: Stream,
  stamp: number,
  kelvin: number,
  order: 'stamp first' | 'stamp last' = 'stamp first',
): Uint8Array<ArrayBuffer> {
  const packet = data(stream);
  return (order === 'stamp first' ? packet.int(4, stamp).f32(kelvin) : packet.f32(kelvin).int(4, stamp)).bytes();
}

/** Mean heart rate in bpm and RR intervals in ms. */
export function encodeHeartRate(stream: Stream, rate: number, intervals: readonly number[]): Uint8Array<ArrayBuffer> {
  return data(stream)
    .f32(rate)
    .u16(...intervals)
    .bytes();
}

/** A data packet as it goes over a link whose notifications carry `room` bytes: whole, or in two parts. */
export function splitPacket(packet: Uint8Array<ArrayBuffer>, room: number): Uint8Array<ArrayBuffer>[] {
  if (packet.length <= room) return [packet];
  const second = writePacket().u8(REST, packet[1] ?? 0, ...packet.subarray(room));
  return [packet.slice(0, room), second.bytes()];
}
