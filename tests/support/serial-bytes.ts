/** Bytes as boards send them: what docs/serial.md and the vendors describe, written from the other side. */
import { crc16 } from '../../src/device/serial/crc16.ts';
import type { Packing } from '../../src/device/serial/packing.ts';

export const text = (content: string): Uint8Array => new TextEncoder().encode(content);

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Adds the check sum and packs; the delimiter is the last byte. */
export function packed(packing: Packing, content: readonly number[]): Uint8Array {
  const crc = crc16(Uint8Array.from(content));
  const bytes = [...content, crc & 0xff, crc >> 8];
  return Uint8Array.from(packing === 'cobs' ? [...cobs(bytes), 0] : [...bytes.flatMap(slip), 0xc0]);
}

function cobs(bytes: readonly number[]): number[] {
  const out: number[] = [];
  let block: number[] = [];
  for (const byte of bytes) {
    if (byte !== 0) block.push(byte);
    if (byte === 0 || block.length === 254) {
      out.push(block.length + 1, ...block);
      block = [];
    }
  }
  return [...out, block.length + 1, ...block];
}

const slip = (byte: number): number[] => (byte === 0xc0 ? [0xdb, 0xdc] : byte === 0xdb ? [0xdb, 0xdd] : [byte]);

const u16 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff];
const f32 = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];

export function int16Frame(packing: Packing, index: number, number: number, values: readonly number[]): Uint8Array {
  return packed(packing, [1, ...u16(number), index, ...values.flatMap((value) => u16(value & 0xffff))]);
}

export function float32Frame(packing: Packing, index: number, number: number, values: readonly number[]): Uint8Array {
  return packed(packing, [2, ...u16(number), index, ...values.flatMap(f32)]);
}

export function descriptionFrame(packing: Packing, index: number, name: string, rate = 0, scale = 1): Uint8Array {
  return packed(packing, [0, 0, 0, index, ...f32(rate), ...f32(scale), ...text(name)]);
}

/** @param channels eight raw 24-bit numbers; @param axes three raw 16-bit numbers */
export function cytonPacket(
  counter: number,
  channels: readonly number[],
  axes: readonly number[] = [0, 0, 0],
  footer = 0xc0,
): Uint8Array {
  return Uint8Array.from([
    0xa0,
    counter & 0xff,
    ...channels.flatMap((value) => [(value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff]),
    ...axes.flatMap((value) => [(value >> 8) & 0xff, value & 0xff]),
    footer,
  ]);
}
