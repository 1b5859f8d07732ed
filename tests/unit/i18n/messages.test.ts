import { describe, expect, it } from 'vitest';
import { ACTOR } from '../../../src/model/errors.ts';
import { enErrors } from '../../../src/i18n/en-errors.ts';
import { enSensors } from '../../../src/i18n/en-sensors.ts';
import { en } from '../../../src/i18n/en.ts';
import { makeNumber, makePlural } from '../../../src/i18n/format.ts';
import { bytes, lasting, roughly } from '../../../src/i18n/en-numbers.ts';
import { loadMessages, LOCALES, pickLocale } from '../../../src/i18n/index.ts';
import { laterMessages } from '../../../src/i18n/later.ts';
import { poseMessages } from '../../../src/i18n/pose.ts';
import { sensorMessages } from '../../../src/i18n/sensors.ts';
import { wayMessages } from '../../../src/i18n/ways.ts';

const codes = Object.keys(ACTOR) as (keyof typeof ACTOR)[];

describe('error sentences', () => {
  it.each(codes)('%s says what happened, what it means for the data, and one thing to do', (code) => {
    const text = enErrors[code];
    for (const sentence of [text.what, text.data, text.todo]) {
      expect(sentence).toMatch(/^[A-Z“].*\.$/);
      expect(sentence.length).toBeLessThan(140);
    }
  });

  it('has no sentence for a code that does not exist', () => {
    expect(Object.keys(enErrors).sort()).toEqual([...codes].sort());
  });

  it('keeps technical words off the first level', () => {
    const all = Object.values(enErrors).map((text) => `${text.what} ${text.data} ${text.todo}`);
    expect(all.join(' ')).not.toMatch(/GATT|peripheral|websocket|JSON|characteristic|undefined/i);
  });
});

/** Every text in a messages object, functions called with plausible arguments. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'function') return texts((value as (...mentioned: number[]) => unknown)(2, 3, 1));
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(texts);
  return [];
}

describe('messages', () => {
  it.each(LOCALES)('%s: no text is empty or shows a hole', async (locale) => {
    const all = [
      ...texts(await loadMessages(locale)),
      ...texts(laterMessages(locale)),
      ...texts(sensorMessages(locale)),
      ...texts(wayMessages(locale)),
      ...texts(poseMessages(locale)),
    ];
    expect(all.length).toBeGreaterThan(300);
    for (const text of all) expect(text).not.toMatch(/^\s*$|undefined|NaN|\[object/);
  });

  it('counts in the plural of the language', () => {
    expect(en.status.keeping(1)).toBe('Keeping 1 sample here');
    expect(en.status.keeping(1204)).toBe('Keeping 1,204 samples here');
    expect(en.status.keeping(0)).toBe('Nothing waiting here');
    expect(enSensors.device.badPackets(1)).toBe('1 packet could not be read');
    expect(enSensors.device.badPackets(3)).toBe('3 packets could not be read');
  });

  it('tells times and sizes in the unit that fits', () => {
    expect([0, 0.2, 40, 89, 90, 3600, 5399, 5400, 9000].map(roughly)).toEqual([
      ...['1 s', '1 s', '40 s', '89 s', '2 min', '60 min', '90 min', '1.5 h', '2.5 h'],
    ]);
    expect([-5, 499, 7000, 59_600, 125_000, 10_800_000].map(lasting)).toEqual([
      ...['0 s', '0 s', '7 s', '1 min 0 s', '2 min 5 s', '3 h 0 min'],
    ]);
    expect([0, 812, 1000, 4_210_000, 2_147_000_000, 5e15].map(bytes)).toEqual([
      ...['0 B', '812 B', '1.0 kB', '4.2 MB', '2.1 GB', '5,000.0 TB'],
    ]);
  });

  it('falls back to `other` where a language has no form of its own', () => {
    expect(makePlural('ar')(2, { other: 'many' })).toBe('many');
    expect(makeNumber('en', 1)(1)).toBe('1.0');
  });

  it('picks a language by its first part and falls back to English', () => {
    expect(pickLocale(['en-GB', 'de'])).toBe('en');
    expect(pickLocale(['xx', 'EN-us'])).toBe('en');
    expect(pickLocale([])).toBe('en');
  });
});
