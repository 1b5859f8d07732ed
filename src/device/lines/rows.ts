/** Rows of numbers, and the lines of names that stand above them. */
import { lineError, type LineError } from './line-error.ts';
import type { LineContent } from './line-values.ts';
import { readCell } from './numbers.ts';

/** What separates the cells: the first of these the line has, else white space. */
const SEPARATORS = [';', '\t', ','] as const;
/** A name is short; a sentence is none. */
const NAME_LENGTH_MAX = 40;
const NAME_WORDS_MAX = 4;
/** More columns than any sensor board has. */
const COLUMNS_MAX = 64;

/** @returns undefined if the line is neither a row nor could be names of columns */
export function parseRow(line: string): LineContent | undefined {
  const separator = SEPARATORS.find((one) => line.includes(one));
  const texts = line.split(separator ?? /\s+/).map((text) => text.trim().replace(/^"(.*)"$/, '$1'));
  if (texts.length > COLUMNS_MAX) return undefined;
  const cells = texts.map((text) => readCell(text, separator !== ','));
  const [label = ''] = texts;
  if (cells.some(({ kind }) => kind === 'number' || kind === 'not-finite')) {
    if (cells.every(({ kind }) => kind !== 'text')) return row(cells);
    if (separator && isName(label) && cells.slice(1).every(({ kind }) => kind === 'number'))
      return labelled(label, cells);
    return undefined;
  }
  return separator ? header(texts, line) : undefined;
}

type Cells = readonly ReturnType<typeof readCell>[];

function row(cells: Cells): LineContent {
  const problems: LineError[] = [];
  const numbers = cells.map((cell, i) => {
    if (cell.kind === 'number') return cell.value;
    if (cell.kind === 'not-finite') problems.push(lineError('decode-not-finite', `column ${i + 1}`));
    return undefined;
  });
  return { kind: 'row', cells: numbers, problems };
}

/** `ACC,0.1,0.0,9.8`: a name, then its numbers. */
function labelled(name: string, cells: Cells): LineContent {
  const values = cells.flatMap((cell) => (cell.kind === 'number' ? [cell.value] : []));
  const [value = 0, ...more] = values;
  const fields = values.map((_, i) => `v${i + 1}`);
  const content =
    more.length === 0 ? { kind: 'number' as const, name, value } : { kind: 'vector' as const, name, fields, values };
  return { kind: 'values', values: [content], problems: [] };
}

function header(texts: readonly string[], text: string): LineContent | undefined {
  const names = texts.at(-1) === '' ? texts.slice(0, -1) : texts;
  return names.length > 1 && names.every(isName) ? { kind: 'header', names, text } : undefined;
}

function isName(text: string): boolean {
  return /\p{L}/u.test(text) && text.length <= NAME_LENGTH_MAX && text.split(/\s+/).length <= NAME_WORDS_MAX;
}
