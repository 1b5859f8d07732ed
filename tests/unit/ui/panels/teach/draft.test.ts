/** What is typed while teaching, and what it amounts to. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAttributeId } from '../../../../../src/model/attribute.ts';
import { NUMBER_BYTES, NUMBER_TYPES, readMapping, writeMapping } from '../../../../../src/model/mapping.ts';
import {
  GENERIC,
  isComplete,
  liveNumber,
  mappingOf,
  newReading,
  problemsOf,
  spanOf,
  typeChoices,
  typedNumber,
  withType,
  type DraftReading,
} from '../../../../../src/ui/panels/teach/draft.ts';
import { readingOf } from '../../../../../src/ui/panels/reading.ts';
import { withTaughtUnits } from '../../../../../src/ui/panels/taught-units.ts';
import { hex, nextLooks, shortUuid } from '../../../../../src/ui/panels/teach/look.ts';
import { fileName, loadMapping } from '../../../../../src/ui/panels/teach/mapping-file.ts';
import { scriptedValue } from '../../../../support/scripted-lesson.ts';

const SERVICE = '0000fff0-0000-1000-8000-00805f9b34fb';
const VALUE = '0000fff1-0000-1000-8000-00805f9b34fb';
const place = { service: SERVICE, characteristic: VALUE };

function draft(change: Partial<DraftReading> = {}): DraftReading {
  return { ...newReading([], place, 0), name: 'Soil moisture', ...change };
}

describe('numbers as people type them', () => {
  it.each([
    ['0.1', 0.1],
    [' 0,01 ', 0.01],
    ['−273.15', -273.15],
    ['1e-3', 0.001],
    ['', undefined],
    ['twelve', undefined],
    ['1,000,000', undefined],
    ['Infinity', undefined],
  ])('%j', (typed, value) => {
    expect(typedNumber(typed)).toBe(value);
  });
});

describe('what is wrong in a reading', () => {
  const other = draft({ key: 7, name: 'Température' });

  it.each<[string, Partial<DraftReading>, object]>([
    ['nothing', {}, {}],
    ['no name', { name: ' ' }, { name: 'name-empty' }],
    ['a name without a letter that can be sent', { name: '湿度' }, { name: 'name-unusable' }],
    ['the id of another', { name: 'temperature' }, { name: 'name-taken' }],
    ['a long unit', { unit: 'x'.repeat(21) }, { unit: 'unit' }],
    ['a byte before the first', { offset: '-1' }, { offset: 'offset' }],
    ['half a byte', { offset: '1.5' }, { offset: 'offset' }],
    ['a byte no value has', { offset: '512' }, { offset: 'offset' }],
    ['times nothing', { scale: '0' }, { scale: 'zero' }],
    ['no numbers', { scale: 'x', add: '' }, { scale: 'number', add: 'number' }],
  ])('%s', (_, change, problems) => {
    const reading = draft(change);
    expect(problemsOf(reading, [reading, other])).toEqual(problems);
    expect(isComplete([reading, other])).toBe(Object.keys(problems).length === 0);
  });

  it('is that there is none', () => {
    expect(isComplete([])).toBe(false);
  });
});

describe('what a reading is', () => {
  const nameOf = (type: string): string => (type === 'water_temperature' ? 'Water temperature' : 'Battery');

  it('brings name and unit along, and takes them away again', () => {
    const chosen = withType(draft({ name: '' }), 'water_temperature', nameOf);
    expect(chosen).toMatchObject({ attributeType: 'water_temperature', name: 'Water temperature', unit: '°C' });
    expect(withType(chosen, 'battery', nameOf)).toMatchObject({ name: 'Battery', unit: '%' });
    expect(withType(chosen, GENERIC, nameOf)).toMatchObject({ attributeType: GENERIC, name: '', unit: '' });
  });

  it('leaves a name that was typed by hand; the unit is that of what it is', () => {
    const typed = draft({ name: 'Pot on the left', unit: '°F' });
    expect(withType(typed, 'water_temperature', nameOf)).toMatchObject({ name: 'Pot on the left', unit: '°C' });
  });

  it('offers single numbers that are measured', () => {
    const all = [...typeChoices().values()].flat();
    expect(all).toEqual(expect.arrayContaining(['temperature', 'heartrate', 'ecg', 'ph']));
    for (const none of ['hrv', 'accelerometer', 'skeleton', 'button', 'respiration_rate'])
      expect(all).not.toContain(none);
  });
});

describe('the live value', () => {
  const bytes = Uint8Array.of(0x01, 0xff, 0x10, 0x27, 0, 0, 0xc0, 0x7f);

  it.each<[Partial<DraftReading>, object]>([
    [
      { offset: '2', type: 'uint16', scale: '0.01', add: '-40' },
      { kind: 'value', value: 60 },
    ],
    [
      { offset: '2', type: 'uint16', endian: 'big' },
      { kind: 'value', value: 0x1027 },
    ],
    [
      { offset: '1', type: 'int8' },
      { kind: 'value', value: -1 },
    ],
    [
      { offset: '7', type: 'uint16' },
      { kind: 'beyond', bytes: 8 },
    ],
    [{ offset: '4', type: 'float32' }, { kind: 'not-finite' }],
    [{ offset: '' }, { kind: 'none' }],
    [{ scale: 'x' }, { kind: 'none' }],
  ])('%o', (change, live) => {
    expect(liveNumber(draft(change), bytes)).toMatchObject(live);
  });

  it('is none before there are bytes, and reads where the bytes begin in a larger buffer', () => {
    expect(liveNumber(draft(), undefined)).toEqual({ kind: 'none' });
    expect(liveNumber(draft(), bytes.subarray(2))).toMatchObject({ value: 0x10 });
  });

  it('has the digits of what it is', () => {
    expect(liveNumber(draft({ attributeType: 'battery' }), bytes)).toMatchObject({ digits: 0 });
    expect(liveNumber(draft({ scale: '2' }), bytes), 'whole numbers of whole numbers').toMatchObject({ digits: 0 });
    expect(liveNumber(draft({ scale: '0.001' }), bytes), 'telling digits of a small number').toMatchObject({
      digits: 5,
    });
  });

  it('never throws and never is NaN, whatever is typed', () => {
    const text = fc.oneof(fc.string(), fc.double().map(String), fc.integer({ min: -3, max: 600 }).map(String));
    const any = fc.record({
      offset: text,
      scale: text,
      add: text,
      type: fc.constantFrom(...NUMBER_TYPES),
      endian: fc.constantFrom('little' as const, 'big' as const),
      bytes: fc.uint8Array({ maxLength: 20 }),
    });
    fc.assert(
      fc.property(any, ({ bytes: some, ...typed }) => {
        const live = liveNumber(draft(typed), some);
        if (live.kind === 'value') {
          expect(Number.isFinite(live.value)).toBe(true);
          expect((spanOf(draft(typed))?.[0] ?? 99) + NUMBER_BYTES[typed.type]).toBeLessThanOrEqual(some.length);
        }
      }),
    );
  });
});

describe('the mapping', () => {
  it('joins readings of one value, and comes back from its file', () => {
    const second = draft({
      key: 2,
      name: 'Wärme',
      attributeType: 'temperature',
      unit: ' °C ',
      type: 'int16',
      offset: '1',
    });
    const elsewhere = draft({ key: 3, name: 'Charge', characteristic: SERVICE, scale: '0,5' });
    const made = mappingOf('Plant', [draft(), second, elsewhere]);
    if (!made.ok) throw new Error(made.error.detail);
    expect(made.value.characteristics.map(({ readings }) => readings.map(({ attribute }) => attribute))).toEqual([
      ['soil_moisture', 'warme'],
      ['charge'],
    ]);
    expect(made.value.characteristics[1]?.readings[0]).toMatchObject({ scale: 0.5, add: 0, offset: 0 });
    expect(made.value.characteristics[0]?.readings[1]?.unit).toBe('°C');
    expect(readMapping(writeMapping(made.value))).toEqual(made);
  });

  it('has ids that servers accept, of any names that were let pass', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }), (names) => {
        const readings = names.map((name, key) => draft({ key, name }));
        if (!isComplete(readings)) return;
        const made = mappingOf('Any', readings);
        if (!made.ok) throw new Error(made.error.detail);
        for (const { attribute } of made.value.characteristics.flatMap((one) => one.readings)) {
          expect(isAttributeId(attribute)).toBe(true);
        }
      }),
    );
  });

  it('is an error, not a file, if something is wrong', () => {
    expect(mappingOf('Plant', [draft({ offset: 'x' })])).toMatchObject({ error: { code: 'mapping-invalid' } });
  });
});

describe('a taught reading on a card', () => {
  const made = mappingOf('Plant', [
    draft({ unit: '%' }),
    draft({ key: 2, name: 'Warmth', attributeType: 'temperature' }),
  ]);
  const mappings = made.ok ? [made.value] : [];
  const sources = [
    { attribute: 'soil_moisture', attributeType: GENERIC },
    { attribute: 'warmth', attributeType: 'temperature' },
    { attribute: 'other', attributeType: GENERIC },
  ];

  it('has the unit it was given; known ones keep theirs', () => {
    const units = withTaughtUnits(sources, mappings).map((one) => readingOf(one).type.unit);
    expect(units).toEqual(['%', '°C', '']);
  });

  it('changes nothing on other cards', () => {
    expect(withTaughtUnits(sources, [])).toBe(sources);
  });
});

describe('bytes that change', () => {
  const first = scriptedValue(SERVICE, VALUE, [1, 2, 3]);

  it('are those of the newest value that differ from the one before', () => {
    const before = nextLooks([], [first]);
    expect([...(before[0]?.changed ?? [9])]).toEqual([]);
    const after = nextLooks(before, [scriptedValue(SERVICE, VALUE, [1, 9, 3, 4], { count: 2 })]);
    expect([...(after[0]?.changed ?? [])]).toEqual([1, 3]);
    const same = nextLooks(after, [scriptedValue(SERVICE, VALUE, [1, 9, 3, 4], { count: 2 })]);
    expect(same[0]?.changed, 'marked until another value comes').toBe(after[0]?.changed);
    const shorter = nextLooks(same, [scriptedValue(SERVICE, VALUE, [1], { count: 3 })]);
    expect(shorter[0]).toMatchObject({ longest: 4 });
    expect(shorter[0]?.changed.size).toBe(0);
  });

  it('are written with two digits, numbers of services as people say them', () => {
    expect([0, 10, 255].map(hex)).toEqual(['00', '0a', 'ff']);
    expect(shortUuid(SERVICE)).toBe('fff0');
    expect(shortUuid('6e400001-b5a3-f393-e0a9-e50e24dcca9e')).toBe('6e400001-b5a3-f393-e0a9-e50e24dcca9e');
  });
});

describe('a device file', () => {
  it('has a name that every system takes', () => {
    expect(fileName('Büro: Pflanze / 2')).toBe('büro-pflanze-2.sensocto-device.json');
    expect(fileName('…')).toBe('device.sensocto-device.json');
  });

  it('is refused if it is anything else, too large, or cannot be read', async () => {
    const wrong = { error: { code: 'mapping-invalid' } };
    expect(await loadMapping(new Blob(['{}']))).toMatchObject(wrong);
    expect(await loadMapping(new Blob(['x'.repeat(2_000_000)]))).toMatchObject({ error: { detail: 'too large' } });
    const gone = Object.assign(new Blob(), { slice: () => ({ text: () => Promise.reject(new Error('gone')) }) });
    expect(await loadMapping(gone)).toMatchObject({ error: { detail: 'file not readable' } });
  });
});
