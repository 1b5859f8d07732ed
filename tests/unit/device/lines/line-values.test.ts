import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributeName, untaken } from '../../../../src/device/lines/attribute-name.ts';
import { parseLine } from '../../../../src/device/lines/line-values.ts';
import { isAttributeId } from '../../../../src/model/attribute.ts';

type Named = readonly [name: string, value: number];

/** Values of a line, as pairs of name and number. */
function numbersIn(line: string): Named[] | string {
  const content = parseLine(line);
  if (content.kind !== 'values') return content.kind;
  return content.values.flatMap((one): Named[] => (one.kind === 'number' ? [[one.name, one.value]] : []));
}

function problemsIn(line: string): string[] {
  const content = parseLine(line);
  return 'problems' in content ? content.problems.map(({ code }) => code) : [];
}

function isStorable(value: number): boolean {
  return Number.isFinite(Math.fround(value));
}

describe('pairs', () => {
  it.each<readonly [string, readonly Named[]]>([
    ['temp:21.5', [['temp', 21.5]]],
    [
      'temp:21.5,hum:40',
      [
        ['temp', 21.5],
        ['hum', 40],
      ],
    ],
    [
      'temp:21.5\thum:40',
      [
        ['temp', 21.5],
        ['hum', 40],
      ],
    ],
    [
      'temp:21.5 hum:40',
      [
        ['temp', 21.5],
        ['hum', 40],
      ],
    ],
    [
      'a=1; b = -2 ; c=+.5',
      [
        ['a', 1],
        ['b', -2],
        ['c', 0.5],
      ],
    ],
    [
      'x:1e3,y:-1.5E-2,z:3.',
      [
        ['x', 1000],
        ['y', -0.015],
        ['z', 3],
      ],
    ],
    [
      'Heart rate:72 Skin temp:33.1',
      [
        ['Heart rate', 72],
        ['Skin temp', 33.1],
      ],
    ],
    [
      'Temp: 21.5 C, Hum: 40 %',
      [
        ['Temp C', 21.5],
        ['Hum %', 40],
      ],
    ],
    [
      'Temp: 21.5 °C Hum: 40 %',
      [
        ['Temp °C', 21.5],
        ['Hum %', 40],
      ],
    ],
    ['temperature: 70F', [['temperature F', 70]]],
    ['Battery: 40 percent left', [['Battery', 40]]],
    ['>temp:5', [['temp', 5]]],
    ['mode:walk,steps:5', [['steps', 5]]],
    ['12:34:56 temp:5', [['temp', 5]]],
    ['a:null,b:,c:n/a,d:1', [['d', 1]]],
  ])('%s', (line, values) => {
    expect(numbersIn(line)).toEqual(values);
  });

  it.each(['INFO: ready', '12:34:56', 'see http://example', ':5', '=5', 'a:0x1f', 'version 1.2.3: ok'])(
    '“%s” is text',
    (line) => {
      expect(parseLine(line)).toMatchObject({ kind: 'text' });
    },
  );

  it('what is no number is a problem, and no sample', () => {
    expect(numbersIn('a:nan,b:1,c:-inf')).toEqual([['b', 1]]);
    expect(problemsIn('a:nan,b:1,c:-inf')).toEqual(['decode-not-finite', 'decode-not-finite']);
    expect(problemsIn('a:1e39')).toEqual(['decode-not-finite']);
  });
});

describe('JSON', () => {
  it('numbers, truth, text, vectors; null is nothing', () => {
    const line = '{"t":21.5,"on":true,"off":false,"none":null,"state":"walk","acc":{"x":1,"y":-2},"ch":[3,4]}';
    expect(parseLine(line)).toEqual({
      kind: 'values',
      values: [
        { kind: 'number', name: 't', value: 21.5 },
        { kind: 'number', name: 'on', value: 1 },
        { kind: 'number', name: 'off', value: 0 },
        { kind: 'text', name: 'state', text: 'walk' },
        { kind: 'vector', name: 'acc', fields: ['x', 'y'], values: [1, -2] },
        { kind: 'vector', name: 'ch', fields: ['v1', 'v2'], values: [3, 4] },
      ],
      problems: [],
    });
  });

  it('names of deeper values stand behind their parent’s', () => {
    expect(parseLine('{"imu":{"acc":{"x":1},"ok":true}}')).toMatchObject({
      values: [
        { kind: 'vector', name: 'imu_acc', fields: ['x'], values: [1] },
        { kind: 'number', name: 'imu_ok', value: 1 },
      ],
    });
  });

  it('an array is a row', () => {
    expect(parseLine('[1,null,2.5]')).toEqual({ kind: 'row', cells: [1, undefined, 2.5], problems: [] });
    expect(parseLine('[1,"a",1e999]')).toMatchObject({
      cells: [1, undefined, undefined],
      problems: [{ code: 'decode-reserved' }, { code: 'decode-not-finite' }],
    });
  });

  it.each([
    ['{"a":1e999,"b":2}', 'decode-not-finite'],
    ['{"a":{"x":1,"y":1e999}}', 'decode-not-finite'],
    ['{"a":[1,"b"]}', 'decode-reserved'],
    ['{"a":{"b":{"c":{"d":{"e":{"f":1}}}}}}', 'decode-reserved'],
    [`{${Array.from({ length: 65 }, (_, i) => `"k${i}":1`).join()}}`, 'decode-oversized'],
    [`[${'1,'.repeat(64)}1]`, 'decode-oversized'],
  ])('%s: %s', (line, code) => {
    expect(problemsIn(line)).toEqual([code]);
  });

  it.each([
    ['{"a":1', 'decode-truncated'],
    ['{"a":1,}', 'decode-reserved'],
    ['{a:1}', 'decode-reserved'],
    ['.5,"b":2}', 'decode-truncated'],
    ['["a",1', 'decode-truncated'],
  ])('damaged: %s', (line, code) => {
    expect(parseLine(line)).toMatchObject({ kind: 'bad', error: { code } });
  });

  it('text in brackets is text', () => {
    expect(parseLine('[INFO] ready')).toEqual({ kind: 'text', text: '[INFO] ready' });
  });
});

describe('rows and headers', () => {
  it.each([
    ['21.5', [21.5]],
    ['1,2,3', [1, 2, 3]],
    ['1, 2 ,3', [1, 2, 3]],
    ['1;2,5;-3', [1, 2.5, -3]],
    ['1\t2\t3', [1, 2, 3]],
    ['1 2  3', [1, 2, 3]],
    ['1,,3', [1, undefined, 3]],
    ['1,2,', [1, 2, undefined]],
    ['"1","2"', [1, 2]],
    ['1,null,-', [1, undefined, undefined]],
  ])('%s', (line, cells) => {
    expect(parseLine(line)).toEqual({ kind: 'row', cells, problems: [] });
  });

  it('what is no number leaves its cell empty', () => {
    expect(parseLine('1,nan,ovf')).toMatchObject({ cells: [1, undefined, undefined] });
    expect(problemsIn('1,nan,ovf')).toEqual(['decode-not-finite', 'decode-not-finite']);
  });

  it('a name before its numbers', () => {
    expect(parseLine('ACC,1,2,3')).toMatchObject({
      values: [{ kind: 'vector', name: 'ACC', fields: ['v1', 'v2', 'v3'], values: [1, 2, 3] }],
    });
    expect(numbersIn('HR,72')).toEqual([['HR', 72]]);
    expect(parseLine('Sensor 3 failed')).toMatchObject({ kind: 'text' });
    expect(parseLine('a,1,b')).toMatchObject({ kind: 'text' });
  });

  it.each([
    ['temp,hum', ['temp', 'hum']],
    ['Time [ms];Skin temp (C)', ['Time [ms]', 'Skin temp (C)']],
    ['a,b,', ['a', 'b']],
  ])('%s may be a header', (line, names) => {
    expect(parseLine(line)).toEqual({ kind: 'header', names, text: line });
  });

  it.each(['Hello', 'a,', 'this is a long sentence with many words, and more', ''])('“%s” is none', (line) => {
    expect(parseLine(line)).toMatchObject({ kind: 'text' });
  });
});

describe('noise', () => {
  it('terminal sequences, prompts and control characters go', () => {
    expect(parseLine('\u001b[J\u001b[32m>temp:5\u0000\u0007')).toMatchObject({ values: [{ name: 'temp', value: 5 }] });
    expect(parseLine('>')).toEqual({ kind: 'text', text: '' });
    expect(parseLine('>>> 5')).toMatchObject({ kind: 'row', cells: [5] });
  });

  it('any text: numbers that a 32-bit float holds, or none', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"a"',
      ':',
      ',',
      ';',
      '=',
      '\t',
      ' ',
      '1',
      '-2.5',
      'e9',
      'nan',
      'temp',
      '°C',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.array(piece, { maxLength: 20 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (line) => {
        const content = parseLine(line);
        if (content.kind === 'row') return content.cells.every((cell) => cell === undefined || isStorable(cell));
        if (content.kind !== 'values') return true;
        return content.values.every((value) => {
          if (value.kind === 'text') return true;
          if (value.kind === 'number') return isStorable(value.value);
          return value.values.every(isStorable) && value.fields.length === value.values.length;
        });
      }),
    );
  });

  it('a long line costs no more than a moment', () => {
    const started = performance.now();
    for (const part of ['a ', ': ', 'a:', '1,', '"{', '=a ', '\u001b[0', '- ']) parseLine(part.repeat(512));
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('attribute names', () => {
  it.each([
    ['temp', 'temp'],
    ['Heart Rate [bpm]', 'heart_rate_bpm'],
    ['  température (°C) ', 'temperature_c'],
    ['__proto__', 'proto'],
    ['acc.x', 'acc_x'],
    ['a-b_c', 'a-b_c'],
    ['3v3', '3v3'],
    ['x'.repeat(100), 'x'.repeat(56)],
    ['°', undefined],
    ['温度', undefined],
    ['', undefined],
    ['_-_', undefined],
  ])('%s is %s', (name, id) => {
    expect(attributeName(name)).toBe(id);
  });

  it('are ids the server accepts, or nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 90 }), (name) => {
        const id = attributeName(name);
        return id === undefined || (isAttributeId(id) && isAttributeId(`${id}_64`) && attributeName(id) === id);
      }),
    );
  });

  it('get a number when they are taken', () => {
    const taken = new Set<string>();
    expect(['a', 'a', 'b', 'a', 'a_2'].map((id) => untaken(id, taken))).toEqual(['a', 'a_2', 'b', 'a_3', 'a_2_2']);
  });
});
