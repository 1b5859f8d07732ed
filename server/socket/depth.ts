/**
 * Guard against JSON nested so deep that writing it again would exhaust the stack. Parsing is safe at any depth, but what
 * was taken in must come out again: to viewers, to the store, in an echo.
 */

/** Frames up to this size cannot nest deeper than the stack allows (half of their bytes are closing brackets). */
const HARMLESS_BYTES = 4096;
const DEPTH_MAX = 512;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** True when JSON text in UTF-8 nests deeper than 512. Needs no valid JSON: a wrong answer then is answered by the parser. */
export function nestsTooDeep(utf8: Uint8Array): boolean {
  if (utf8.length <= HARMLESS_BYTES) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < utf8.length; i++) {
    const byte = utf8[i];
    if (inString) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > DEPTH_MAX) return true;
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth -= 1;
  }
  return false;
}
