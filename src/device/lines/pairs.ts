/** Lines of names and numbers: `temp:21.5,hum:40`, `Temp: 21.5 C  Hum: 40 %`, `a=1; b=2`. */
import { lineError, type LineError } from './line-error.ts';
import type { LineContent, LineValue } from './line-values.ts';
import { readCell } from './numbers.ts';

/** A number and what is written right behind it. */
const VALUE = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)([^\d\s:]{0,8})$/i;
const LETTER = /\p{L}/u;
/** A word between two pairs is the unit of the first if it is one of these; otherwise it begins the name of the second. */
const UNIT =
  /^(?:°?[CFK]|°|%|[mµu]?[VAWgsT]|mbar|bar|[hk]?Pa|lux|lx|pp[mb]|[cmk]?m|[kM]?Hz|bpm|rpm|dps|deg|dB[mA]?|m\/s²?|rad\/s|kg)$/;

interface Pair {
  readonly name: string;
  readonly value: string;
  unit: string;
}

/**
 * The unit belongs to the name: `temperature: 70 F` is `temperature_f`, so that it never passes for °C.
 * @returns undefined if no pair has a number: then it is text (`INFO: ready`)
 */
export function parsePairs(line: string): LineContent | undefined {
  if (!/[:=]/.test(line)) return undefined;
  const pairs = line
    .replace(/\s*[:=]\s*/g, ':')
    .split(/[,;\t]/)
    .flatMap(pairsOf);
  const values: LineValue[] = [];
  const problems: LineError[] = [];
  for (const { name, value, unit } of pairs) {
    const [, digits, attached = ''] = VALUE.exec(value) ?? [];
    const cell = readCell(digits ?? value);
    const suffix = attached === '' ? unit : attached;
    const full = suffix === '' ? name : `${name} ${suffix}`;
    if (cell.kind === 'number') values.push({ kind: 'number', name: full, value: cell.value });
    else if (cell.kind === 'not-finite') problems.push(lineError('decode-not-finite', name));
  }
  return values.length + problems.length > 0 ? { kind: 'values', values, problems } : undefined;
}

/** Pairs between two separators; their names contain a letter, as the parts of a time of day do not. */
function pairsOf(segment: string): Pair[] {
  const pairs: Pair[] = [];
  let words: string[] = [];
  for (const token of segment.trim().split(/\s+/)) {
    const at = token.lastIndexOf(':');
    if (at < 0) {
      words.push(token);
      continue;
    }
    const last = pairs.at(-1);
    const [first] = words;
    if (last && first !== undefined && UNIT.test(first)) {
      last.unit = first;
      words = words.slice(1);
    }
    const name = [...words, token.slice(0, at)].join(' ');
    words = [];
    if (LETTER.test(name)) pairs.push({ name, value: token.slice(at + 1), unit: '' });
  }
  const last = pairs.at(-1);
  const [only, ...more] = words;
  if (last && only !== undefined && more.length === 0) last.unit = only;
  return pairs;
}
