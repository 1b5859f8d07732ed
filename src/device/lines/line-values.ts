/**
 * What one line of text says. Three ways of writing numbers are understood, as boards print them for people and plotters:
 * - JSON: `{"temp":21.5,"acc":{"x":0.1,"y":0,"z":9.8}}`
 * - pairs: `temp:21.5,hum:40` or `Temp: 21.5 C; Hum = 40 %` (the form of the Arduino serial plotter)
 * - rows: `21.5,40` or `21.5;40` or `21.5 40`, with or without a line of names before them
 * Everything else is text for people. Pure; never throws, never yields a number that is not finite.
 */
import { lineError, type LineError } from './line-error.ts';
import { parseJson } from './json-line.ts';
import { parsePairs } from './pairs.ts';
import { parseRow } from './rows.ts';

/** One value with the name it has in the line. */
export type LineValue =
  | { readonly kind: 'number'; readonly name: string; readonly value: number }
  /** Several numbers of one sample, with the names of their fields. */
  | {
      readonly kind: 'vector';
      readonly name: string;
      readonly fields: readonly string[];
      readonly values: readonly number[];
    }
  | { readonly kind: 'text'; readonly name: string; readonly text: string };

export type LineContent =
  | { readonly kind: 'values'; readonly values: readonly LineValue[]; readonly problems: readonly LineError[] }
  /** Numbers by position; undefined where a cell is empty or not a number. */
  | { readonly kind: 'row'; readonly cells: readonly (number | undefined)[]; readonly problems: readonly LineError[] }
  /** Names that may belong to the rows that follow. */
  | { readonly kind: 'header'; readonly names: readonly string[]; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bad'; readonly error: LineError };

// eslint-disable-next-line no-control-regex -- terminal sequences are what is removed here
const TERMINAL = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;
// eslint-disable-next-line no-control-regex -- control characters other than the tab are what is removed here
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
/** Prompts of interactive boards (Espruino, MicroPython). */
const PROMPT = /^\s*>+\s*/;

/** Reads one line, without its end. */
export function parseLine(line: string): LineContent {
  const clean = line.replace(TERMINAL, '').replace(CONTROL, '').replace(PROMPT, '').trim();
  if (clean === '') return { kind: 'text', text: '' };
  if (clean.startsWith('{') || clean.startsWith('[')) return parseJson(clean) ?? bracketed(clean);
  // The rest of a JSON line whose beginning is lost: its numbers may be cut.
  if (/^[^{[]*[}\]]$/.test(clean) && clean.includes('"')) return brokenJson(clean);
  return parsePairs(clean) ?? parseRow(clean) ?? { kind: 'text', text: clean };
}

/** Text in brackets (`[INFO] ready`) is no damaged JSON; something with quoted names is. */
function bracketed(clean: string): LineContent {
  return clean.startsWith('{') || clean.includes('"') ? brokenJson(clean) : { kind: 'text', text: clean };
}

function brokenJson(clean: string): LineContent {
  const isWhole = /^[{[].*[}\]]$/.test(clean);
  const code = isWhole ? 'decode-reserved' : 'decode-truncated';
  return { kind: 'bad', error: lineError(code, `JSON line of ${clean.length} characters`) };
}
