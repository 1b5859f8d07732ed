/** Numbers as boards print them. */

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const DECIMAL_COMMA = /^[-+]?\d+,\d+$/;
/** How C and JavaScript print what is no number. */
const NOT_FINITE = /^[-+]?(?:nan|inf|infinity|ovf)$/i;
/** How people print that there is nothing. */
const NOTHING = /^(?:|null|none|n\/?a|-+)$/i;

export type Cell =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'not-finite' }
  | { readonly kind: 'text' };

/** @param allowComma true if the comma is not what separates the cells, and may be a decimal comma */
export function readCell(text: string, allowComma = false): Cell {
  const plain = text.trim();
  if (NOTHING.test(plain)) return { kind: 'nothing' };
  if (NOT_FINITE.test(plain)) return { kind: 'not-finite' };
  const decimal = allowComma && DECIMAL_COMMA.test(plain) ? plain.replace(',', '.') : plain;
  return NUMBER.test(decimal) ? asCell(Number(decimal)) : { kind: 'text' };
}

/** Samples are stored as 32-bit floats: what does not fit is as good as infinite. */
export function asCell(value: number): Cell {
  return Number.isFinite(Math.fround(value)) ? { kind: 'number', value } : { kind: 'not-finite' };
}
