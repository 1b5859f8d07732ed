/** Lines of JSON: an object of named values, or an array of numbers by position. */
import { lineError, type LineError } from './line-error.ts';
import type { LineContent, LineValue } from './line-values.ts';
import { asCell } from './numbers.ts';

/** Objects inside objects; deeper ones are not read. */
const DEPTH_MAX = 4;
/** Values of a line, and numbers of a vector. */
const VALUES_MAX = 64;
/** Characters of a text value. */
const TEXT_MAX = 200;

interface Found {
  readonly values: LineValue[];
  readonly problems: LineError[];
}

/** @returns undefined if the line is not JSON */
export function parseJson(line: string): LineContent | undefined {
  const json = parse(line);
  if (!json) return undefined;
  const { value } = json;
  if (Array.isArray(value)) return arrayRow(value as unknown[]);
  const found: Found = { values: [], problems: [] };
  readMembers(value, '', 1, found);
  return { kind: 'values', ...found };
}

function parse(line: string): { readonly value: object } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { value } : undefined;
  } catch {
    return undefined;
  }
}

function arrayRow(items: readonly unknown[]): LineContent {
  const problems: LineError[] = [];
  const cells = items.slice(0, VALUES_MAX).map((item) => {
    if (item === null) return undefined;
    const cell = typeof item === 'number' ? asCell(item) : undefined;
    if (cell?.kind === 'number') return cell.value;
    problems.push(lineError(cell ? 'decode-not-finite' : 'decode-reserved', 'JSON array'));
    return undefined;
  });
  if (items.length > VALUES_MAX) problems.push(lineError('decode-oversized', `JSON array of ${items.length}`));
  return { kind: 'row', cells, problems };
}

function readMembers(object: object, prefix: string, depth: number, found: Found): void {
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    const name = prefix === '' ? key : `${prefix}_${key}`;
    if (found.values.length >= VALUES_MAX) {
      found.problems.push(lineError('decode-oversized', `JSON line with more than ${VALUES_MAX} values`));
      return;
    }
    readMember(name, value, depth, found);
  }
}

function readMember(name: string, value: unknown, depth: number, found: Found): void {
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return readNumber(name, Number(value), found);
    case 'string':
      found.values.push({ kind: 'text', name, text: value.slice(0, TEXT_MAX) });
      return;
    case 'object':
      // null: nothing measured.
      if (value !== null) readNested(name, value, depth, found);
      return;
    default:
      return;
  }
}

function readNumber(name: string, value: number, found: Found): void {
  const cell = asCell(value);
  if (cell.kind === 'number') found.values.push({ kind: 'number', name, value });
  else found.problems.push(lineError('decode-not-finite', name));
}

/** Numbers only: one sample of several fields. Otherwise each member is a value of its own, its name behind its parent's. */
function readNested(name: string, value: object, depth: number, found: Found): void {
  const members = Object.entries(value) as [string, unknown][];
  const numbers = members.map(([, member]) => member);
  const isVector =
    members.length > 0 && members.length <= VALUES_MAX && numbers.every((one) => typeof one === 'number');
  if (isVector) {
    if (!numbers.every((one) => asCell(one).kind === 'number')) {
      found.problems.push(lineError('decode-not-finite', name));
      return;
    }
    const fields = members.map(([key], i) => (Array.isArray(value) ? `v${i + 1}` : key));
    found.values.push({ kind: 'vector', name, fields, values: numbers });
  } else if (Array.isArray(value) || depth >= DEPTH_MAX) {
    found.problems.push(lineError('decode-reserved', `${name}: neither numbers nor names`));
  } else readMembers(value, name, depth + 1, found);
}
