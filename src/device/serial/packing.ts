/**
 * Frames out of a stream of bytes: COBS (frames end with 0x00) and SLIP (frames end with 0xC0). Damaged frames are told and
 * left out; the next delimiter is where it goes on.
 * Sources: Cheshire & Baker 1999, Consistent Overhead Byte Stuffing; RFC 1055 (SLIP).
 */
import type { Problem } from './batch.ts';

export type Packing = 'cobs' | 'slip';

/** Bytes between two delimiters; ours are at most 512. */
const FRAME_MAX = 1024;

const END: Readonly<Record<Packing, number>> = { cobs: 0x00, slip: 0xc0 };
const SLIP_ESC = 0xdb;
const SLIP_ESC_END = 0xdc;
const SLIP_ESC_ESC = 0xdd;

/** The content of a frame; undefined if its stuffing is broken. */
export function unpack(packing: Packing, packed: Uint8Array): Uint8Array | undefined {
  return packing === 'cobs' ? fromCobs(packed) : fromSlip(packed);
}

/** Each block begins with its length; one of less than 255 stands for itself and a zero, but for the last. */
function fromCobs(packed: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array(packed.length);
  let length = 0;
  for (let at = 0; at < packed.length;) {
    const block = packed[at] ?? 0;
    const end = at + block;
    if (block === 0 || end > packed.length) return undefined;
    out.set(packed.subarray(at + 1, end), length);
    length += block - 1;
    at = end;
    if (block < 0xff && at < packed.length) length += 1;
  }
  return out.subarray(0, length);
}

function fromSlip(packed: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array(packed.length);
  let length = 0;
  for (let at = 0; at < packed.length; at++) {
    let byte = packed[at] ?? 0;
    if (byte === SLIP_ESC) {
      at += 1;
      if (packed[at] === SLIP_ESC_END) byte = END.slip;
      else if (packed[at] !== SLIP_ESC_ESC) return undefined;
    }
    out[length] = byte;
    length += 1;
  }
  return out.subarray(0, length);
}

export interface CutFrames {
  /** What stood between two delimiters, still packed; undefined: it was too long. */
  readonly frames: readonly (Uint8Array | undefined)[];
}

/** Cuts at delimiters. Empty frames say nothing and are left out. */
export function createFrameCutter(packing: Packing): { push(bytes: Uint8Array): CutFrames } {
  const pending = new Uint8Array(FRAME_MAX);
  let length = 0;
  let isTooLong = false;

  function append(part: Uint8Array): void {
    isTooLong ||= length + part.length > FRAME_MAX;
    if (isTooLong) return;
    pending.set(part, length);
    length += part.length;
  }

  return {
    push(bytes) {
      const frames: (Uint8Array | undefined)[] = [];
      let from = 0;
      for (let at = bytes.indexOf(END[packing]); at >= 0; at = bytes.indexOf(END[packing], from)) {
        append(bytes.subarray(from, at));
        if (isTooLong) frames.push(undefined);
        else if (length > 0) frames.push(pending.slice(0, length));
        length = 0;
        isTooLong = false;
        from = at + 1;
      }
      append(bytes.subarray(from));
      return { frames };
    },
  };
}

/** The problem of a frame that could not be used. */
export function frameProblem(code: Problem['code'], packing: Packing, bytes: number): Problem {
  return { code, detail: `${packing} frame of ${bytes} bytes` };
}
