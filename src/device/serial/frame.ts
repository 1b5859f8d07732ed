/**
 * Our own small frame, for boards that have more to say than lines of text can carry. Documented byte by byte in
 * docs/serial.md; all numbers little-endian.
 *
 * | at | bytes | what |
 * |---|---|---|
 * | 0 | 1 | kind: 0x00 description, 0x01 samples as int16, 0x02 samples as float32 |
 * | 1 | 2 | number of the first sample in this frame, counted per attribute, modulo 65536 |
 * | 3 | 1 | index of the attribute, 0–63 |
 * | 4 | … | samples: one number per field, the fields of a sample next to each other |
 * | 4 | 4 | description: samples a second as float32, 0 if irregular |
 * | 8 | 4 | description: what one int16 step is worth, float32 |
 * | 12 | … | description: `name` or `name:field,field`, UTF-8 |
 * | −2 | 2 | CRC-16/CCITT-FALSE of everything before |
 */
import { crc16 } from './crc16.ts';
import type { ContentError } from './batch.ts';

const KIND = { description: 0x00, int16: 0x01, float32: 0x02 } as const;
const HEADER = 4;
const DESCRIPTION_HEADER = 12;
const CRC = 2;
const FRAME_MAX = 512;
const INDEX_MAX = 63;
const FIELDS_MAX = 16;
/** Samples a second; more does not go through a serial port. */
const RATE_MAX = 100_000;

export interface SamplesFrame {
  readonly kind: 'samples';
  readonly index: number;
  /** Of the first sample, modulo 65536. */
  readonly number: number;
  /** Before the description's scale. */
  readonly numbers: readonly number[];
  /** Its steps have a worth of their own. */
  readonly isScaled: boolean;
}

export interface DescriptionFrame {
  readonly kind: 'description';
  readonly index: number;
  /** Hz; 0: irregular. */
  readonly rate: number;
  readonly scale: number;
  readonly name: string;
  readonly fields: readonly string[];
}

export type Frame = SamplesFrame | DescriptionFrame;

export type ParsedFrame =
  | { readonly ok: true; readonly value: Frame }
  | { readonly ok: false; readonly code: Extract<ContentError, `decode-${string}`> };

/** Reads one frame, unpacked. */
export function parseFrame(bytes: Uint8Array): ParsedFrame {
  if (bytes.length > FRAME_MAX) return refuse('decode-oversized');
  if (bytes.length < HEADER + CRC) return refuse('decode-truncated');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - CRC;
  if (crc16(bytes.subarray(0, end)) !== view.getUint16(end, true)) return refuse('decode-checksum');
  const index = view.getUint8(3);
  if (index > INDEX_MAX) return refuse('decode-reserved');
  switch (view.getUint8(0)) {
    case KIND.description:
      return parseDescription(view, end, index);
    case KIND.int16:
      return parseSamples(view, end, index, 2);
    case KIND.float32:
      return parseSamples(view, end, index, 4);
    default:
      return refuse('decode-reserved');
  }
}

function parseSamples(view: DataView, end: number, index: number, width: 2 | 4): ParsedFrame {
  const count = (end - HEADER) / width;
  if (count < 1 || !Number.isInteger(count)) return refuse('decode-truncated');
  const numbers = Array.from({ length: count }, (_, i) => {
    const at = HEADER + i * width;
    return width === 2 ? view.getInt16(at, true) : view.getFloat32(at, true);
  });
  if (!numbers.every(Number.isFinite)) return refuse('decode-not-finite');
  return {
    ok: true,
    value: { kind: 'samples', index, number: view.getUint16(1, true), numbers, isScaled: width === 2 },
  };
}

function parseDescription(view: DataView, end: number, index: number): ParsedFrame {
  if (end <= DESCRIPTION_HEADER) return refuse('decode-truncated');
  const rate = view.getFloat32(4, true);
  const scale = view.getFloat32(8, true);
  if (!Number.isFinite(rate) || !Number.isFinite(scale)) return refuse('decode-not-finite');
  if (rate < 0 || rate > RATE_MAX || scale === 0) return refuse('decode-reserved');
  const text = new TextDecoder().decode(
    new Uint8Array(view.buffer, view.byteOffset + DESCRIPTION_HEADER, end - DESCRIPTION_HEADER),
  );
  const [name = '', fieldNames] = text.split(':');
  const fields = fieldNames === undefined ? [] : fieldNames.split(',');
  if (fields.length > FIELDS_MAX) return refuse('decode-reserved');
  return { ok: true, value: { kind: 'description', index, rate, scale, name, fields } };
}

function refuse(code: Extract<ContentError, `decode-${string}`>): ParsedFrame {
  return { ok: false, code };
}
