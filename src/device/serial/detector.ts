/**
 * What form the bytes of a serial port have: lines of text, COBS or SLIP frames of ours, OpenBCI Cyton packets. Looks at
 * them one by one, so that it does not matter in what pieces they come. Pure.
 */
import { parseLine, type LineContent } from '../lines/line-values.ts';
import type { ContentError } from './batch.ts';
import { CYTON_PACKET, isCytonPacket } from './cyton.ts';
import { parseFrame } from './frame.ts';
import { createFrameCutter, unpack, type Packing } from './packing.ts';

export type LineStyle = 'json' | 'csv' | 'named' | 'numbers';

export type Form =
  /** `startsMidLine`: the first line is the rest of one whose beginning was missed. */
  | { readonly kind: 'lines'; readonly style: LineStyle; readonly startsMidLine: boolean }
  /** `seen`: bytes from the first on in which frames were found. */
  | { readonly kind: 'frames'; readonly packing: Packing; readonly seen: number }
  | { readonly kind: 'cyton' };

export type Verdict =
  | { readonly at: 'undecided' }
  | { readonly at: 'known'; readonly form: Form }
  | { readonly at: 'unknown'; readonly error: ContentError };

/** Bytes looked at before giving up. */
export const DETECTION_BYTES = 4096;
/** Enough to be sure. */
const LINES_ENOUGH = 3;
const FRAMES_ENOUGH = 24;
const DESCRIBED_FRAMES_ENOUGH = 2;
const PACKETS_ENOUGH = 3;
/** Too little to call it unreadable. */
const GARBAGE_MIN = 16;
const TEXT_MIN = 512;
const LINE_MAX = 1024;
const PRINTABLE_SHARE = 0.9;

const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
const ESC = 0x1b;

export interface Detector {
  /** The next bytes. The form, once that is sure. */
  push(bytes: Uint8Array): Form | undefined;
  /**
   * What can be said after a while without being sure.
   * @param isOver true: there is an answer, and it is not "undecided"
   */
  conclude(isOver: boolean): Verdict;
  /** The last line of text for people, if there was one. */
  readonly text: string | undefined;
}

export function createDetector(): Detector {
  const lines = createLineJudge();
  const frames = (['cobs', 'slip'] as const).map(createFrameJudge);
  const cyton = createCytonJudge();
  const one = new Uint8Array(1);
  let printable = 0;
  let total = 0;

  function sure(): Form | undefined {
    if (cyton.isSure()) return { kind: 'cyton' };
    return frames.find((judge) => judge.isSure())?.form(total) ?? (lines.isSure() ? lines.form() : undefined);
  }

  return {
    push(bytes) {
      for (const byte of bytes) {
        one[0] = byte;
        total += 1;
        if (isPrintable(byte)) printable += 1;
        lines.push(byte);
        for (const judge of frames) judge.push(one);
        cyton.push(byte);
        const form = sure();
        if (form) return form;
      }
      return undefined;
    },
    conclude(isOver) {
      const form =
        frames.find((judge) => judge.valid() > 0)?.form(total) ?? (lines.values() > 0 ? lines.form() : undefined);
      if (form) return { at: 'known', form };
      const isText = printable >= PRINTABLE_SHARE * total;
      if (!isOver && total < (isText ? TEXT_MIN : GARBAGE_MIN)) return { at: 'undecided' };
      return { at: 'unknown', error: isText ? 'serial-unknown-format' : 'serial-garbage' };
    },
    get text() {
      return lines.text();
    },
  };
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === LF || byte === CR || byte === TAB || byte === ESC;
}

interface LineJudge {
  push(byte: number): void;
  isSure(): boolean;
  /** Whole lines with values. */
  values(): number;
  form(): Form;
  text(): string | undefined;
}

/** Judges whole lines. Whether the first one is whole shows in the second. */
function createLineJudge(): LineJudge {
  const decoder = new TextDecoder();
  const styles = new Map<LineStyle, number>();
  let pending: number[] = [];
  let first: LineContent | undefined;
  let isFirstWhole = false;
  let judged = 0;
  let valued = 0;
  let hasHeader = false;
  let text: string | undefined;

  function judge(line: string): void {
    const content = isReadable(line) ? parseLine(line) : undefined;
    judged += 1;
    if (content?.kind === 'text' && content.text !== '') ({ text } = content);
    if (judged === 1) {
      first = content;
      // The rest of a JSON line does not begin with a brace.
      isFirstWhole = content?.kind === 'values' && line.trimStart().startsWith('{');
      return;
    }
    if (judged === 2 && first?.kind === 'header' && content?.kind === 'row') {
      isFirstWhole = first.names.length === content.cells.length;
    }
    hasHeader ||= content?.kind === 'header' || (judged === 2 && isFirstWhole && first?.kind === 'header');
    const style = content && styleOf(content, line, hasHeader);
    if (!style) return;
    valued += 1;
    styles.set(style, (styles.get(style) ?? 0) + 1);
  }

  return {
    push(byte) {
      if (byte !== LF && byte !== CR) {
        if (pending.length <= LINE_MAX) pending.push(byte);
        return;
      }
      if (pending.length > 0) judge(pending.length > LINE_MAX ? '\uFFFD' : decoder.decode(Uint8Array.from(pending)));
      pending = [];
    },
    isSure: () => valued >= LINES_ENOUGH && valued * 2 >= judged - 1,
    values: () => valued,
    form() {
      const [style = 'numbers'] = [...styles].sort((a, b) => b[1] - a[1]).map(([name]) => name);
      return { kind: 'lines', style, startsMidLine: !isFirstWhole };
    },
    text: () => text,
  };
}

/** Neither bytes that are no UTF-8 nor control characters that no board prints. */
function isReadable(line: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for here
  return !/[\uFFFD\u0000-\u0008\u000b-\u001a\u001c-\u001f]/.test(line);
}

function styleOf(content: LineContent, line: string, hasHeader: boolean): LineStyle | undefined {
  const isJson = /^\s*[{[]/.test(line);
  if (content.kind === 'values') return isJson ? 'json' : 'named';
  if (content.kind !== 'row') return undefined;
  if (isJson) return 'json';
  return hasHeader ? 'csv' : 'numbers';
}

interface FrameJudge {
  push(bytes: Uint8Array): void;
  isSure(): boolean;
  /** Frames whose check sum is right. */
  valid(): number;
  form(seen: number): Form;
}

function createFrameJudge(packing: Packing): FrameJudge {
  const cutter = createFrameCutter(packing);
  let valid = 0;
  let isDescribed = false;
  return {
    push(bytes) {
      for (const packed of cutter.push(bytes).frames) {
        const frame = packed && unpack(packing, packed);
        const parsed = frame && parseFrame(frame);
        if (!parsed?.ok) continue;
        valid += 1;
        isDescribed ||= parsed.value.kind === 'description';
      }
    },
    // A board that describes itself does so again soon: names are worth waiting for.
    isSure: () => valid >= (isDescribed ? DESCRIBED_FRAMES_ENOUGH : FRAMES_ENOUGH),
    valid: () => valid,
    form: (seen) => ({ kind: 'frames', packing, seen }),
  };
}

/** Packets one after the other, with counters that follow each other. */
function createCytonJudge(): { push(byte: number): void; isSure(): boolean } {
  const span = PACKETS_ENOUGH * CYTON_PACKET;
  let last: number[] = [];
  return {
    push(byte) {
      last.push(byte);
      if (last.length >= 4 * span) last = last.slice(-span);
    },
    isSure() {
      const from = last.length - span;
      if (from < 0 || (last.at(-1) ?? 0) < 0xc0) return false;
      const bytes = Uint8Array.from(last.slice(from));
      return Array.from({ length: PACKETS_ENOUGH }, (_, i) => i * CYTON_PACKET).every(
        (at) =>
          isCytonPacket(bytes, at) &&
          (at === 0 || bytes[at + 1] === (((bytes[at - CYTON_PACKET + 1] ?? 0) + 1) & 0xff)),
      );
    },
  };
}
