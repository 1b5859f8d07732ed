/** What is wrong with a line of text. The rest of the line, and the lines around it, are used all the same. */
import type { ErrorCode } from '../../model/errors.ts';

export interface LineError {
  readonly code: Extract<ErrorCode, `decode-${string}` | 'attribute-id-invalid'>;
  /** Names and lengths, never values. */
  readonly detail: string;
}

export function lineError(code: LineError['code'], detail: string): LineError {
  return { code, detail };
}
