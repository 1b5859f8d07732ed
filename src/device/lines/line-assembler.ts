/**
 * Lines of text out of bytes that come in pieces of any size: half a line, three lines at once, a CR in one piece and its LF
 * in the next. Lines end with CR, LF or both; empty lines say nothing and are left out.
 */
import { lineError, type LineError } from './line-error.ts';

/** Bytes; more without an end of line is no text. */
export const LINE_MAX = 1024;

export interface AssemblerOptions {
  /** Longest line, bytes; `LINE_MAX` if absent. */
  readonly maxLength?: number;
  /**
   * True where listening may start in the middle of a line (a serial port): what comes before the first end of line is left
   * out, as 5.1 may be the rest of 15.1.
   */
  readonly startsMidLine?: boolean;
}

export interface AssembledLines {
  /** Complete lines, without their ends, oldest first. Bytes that are not UTF-8 became U+FFFD. */
  readonly lines: readonly string[];
  /** `decode-oversized`, once for each line that was too long. */
  readonly problems: readonly LineError[];
}

export interface LineAssembler {
  push(bytes: Uint8Array): AssembledLines;
}

const CR = 0x0d;
const LF = 0x0a;

/** An assembler with the memory of one connection. */
export function createLineAssembler({
  maxLength = LINE_MAX,
  startsMidLine = false,
}: AssemblerOptions = {}): LineAssembler {
  const decoder = new TextDecoder();
  const pending = new Uint8Array(maxLength);
  let length = 0;
  /** The line under way is not wanted: its beginning was missed, or it is too long. */
  let skipping = startsMidLine;

  function append(part: Uint8Array): LineError | undefined {
    if (skipping) return undefined;
    if (length + part.length > maxLength) {
      skipping = true;
      length = 0;
      return lineError('decode-oversized', `line: more than ${maxLength} bytes`);
    }
    pending.set(part, length);
    length += part.length;
    return undefined;
  }

  /** The line that just ended, if there is one. */
  function end(): string | undefined {
    const line = skipping || length === 0 ? undefined : decoder.decode(pending.subarray(0, length));
    skipping = false;
    length = 0;
    return line;
  }

  return {
    push(bytes) {
      const lines: string[] = [];
      const problems: LineError[] = [];
      let from = 0;
      for (let at = 0; at <= bytes.length; at++) {
        const isEnd = bytes[at] === CR || bytes[at] === LF;
        if (!isEnd && at < bytes.length) continue;
        const problem = append(bytes.subarray(from, at));
        if (problem) problems.push(problem);
        from = at + 1;
        const line = isEnd ? end() : undefined;
        if (line !== undefined) lines.push(line);
      }
      return { lines, problems };
    },
  };
}
