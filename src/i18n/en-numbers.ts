/** Numbers, amounts and times in English. */
import { makeNumber, makePlural } from './format.ts';

export const LOCALE = 'en' as const;
export const number = makeNumber(LOCALE);
/** By digits after the point; readings have at most three. */
const withDigits = [number, makeNumber(LOCALE, 1), makeNumber(LOCALE, 2), makeNumber(LOCALE, 3)];
export const decimal = (value: number, digits: number): string => (withDigits[digits] ?? number)(value);
export const plural = makePlural(LOCALE);

export const samples = (n: number): string => plural(n, { one: `${number(n)} sample`, other: `${number(n)} samples` });
export const sensors = (n: number): string => plural(n, { one: `${number(n)} sensor`, other: `${number(n)} sensors` });
export const next = (seconds: number): string => (seconds > 0 ? `next in ${number(seconds)} s` : 'now');

/** A time somebody waits for, in the largest unit that fits: `40 s`, `3 min`, `2.5 h`. Never less than a second. */
export function roughly(seconds: number): string {
  if (seconds < 90) return `${number(Math.max(1, Math.ceil(seconds)))} s`;
  if (seconds < 90 * 60) return `${number(Math.ceil(seconds / 60))} min`;
  return `${decimal(seconds / 3600, 1)} h`;
}

/** How long something lasted, exact to the second: `7 s`, `2 min 5 s`, `3 h 0 min`. */
export function lasting(ms: number): string {
  const all = Math.max(0, Math.round(ms / 1000));
  const [h, min, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  if (h > 0) return `${number(h)} h ${number(min)} min`;
  return min > 0 ? `${number(min)} min ${number(s)} s` : `${number(s)} s`;
}

/** Bytes as people count them: `812 B`, `4.2 MB`. */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = n < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3));
  return `${decimal(n / 1000 ** step, step === 0 ? 0 : 1)} ${units[step] ?? ''}`;
}
