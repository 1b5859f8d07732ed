import { describe, expect, it } from 'vitest';
import { createLineClock } from '../../../../src/device/lines/line-clock.ts';
import { createLineReader, type LineBatch } from '../../../../src/device/lines/line-reader.ts';
import type { Reading } from '../../../../src/model/reading.ts';

function reader(options = {}): (text: string) => LineBatch {
  const lines = createLineReader(options);
  return (text) => lines.take(new TextEncoder().encode(text));
}

/** Attribute and numbers of each reading. */
function numbers({ readings }: LineBatch): Record<string, number[]> {
  return Object.fromEntries(
    readings.map((one) => [
      one.attribute,
      one.kind === 'numeric' ? [...one.values].map((value) => +value.toFixed(4)) : [],
    ]),
  );
}

const codes = ({ problems }: LineBatch): string[] => problems.map(({ code }) => code);

describe('rows', () => {
  it('go by position without a header, one number by the name of value', () => {
    expect(numbers(reader()('5\n6\n'))).toEqual({ value: [5, 6] });
    expect(numbers(reader()('1,2\n3,4\n'))).toEqual({ value_1: [1, 3], value_2: [2, 4] });
  });

  it('go by the header right above them, from then on', () => {
    const take = reader();
    expect(take('temp [C],hum,temp [C]\n')).toMatchObject({ readings: [], texts: ['temp [C],hum,temp [C]'] });
    expect(numbers(take('1,2,3\n'))).toEqual({ temp_c: [1], hum: [2], temp_c_2: [3] });
    expect(numbers(take('text\n,5,6\n'))).toEqual({ hum: [5], temp_c_2: [6] });
    expect(numbers(take('x,y\n7,8\n'))).toEqual({ x: [7], y: [8] });
  });

  it('a greeting is no header for rows of another width, nor for rows further down', () => {
    expect(numbers(reader()('Hello, world\n1,2,3\n'))).toHaveProperty('value_1');
    expect(numbers(reader()('Hello, world\nready\n1,2\n'))).toHaveProperty('value_1');
  });

  it('a comma at the end makes no column', () => {
    const take = reader();
    expect(numbers(take('a,b,\n1,2,\n3,4\n'))).toEqual({ a: [1, 3], b: [2, 4] });
    expect(numbers(take('5,\n'))).toEqual({ a: [5] });
  });

  it('a damaged row is left out and counted; three alike are a new format', () => {
    const take = reader();
    take('1,2,3\n');
    expect(codes(take('1,2\n'))).toEqual(['decode-truncated']);
    expect(codes(take('1,2,3,4\n'))).toEqual(['decode-oversized']);
    expect(numbers(take('1,2,3\n'))).toHaveProperty('value_3');
    expect(codes(take('1,2\n1,2\n'))).toEqual(['decode-truncated', 'decode-truncated']);
    expect(numbers(take('8,9\n'))).toEqual({ value_1: [8], value_2: [9] });
  });
});

describe('names', () => {
  it('two of a kind in one line are told apart, the same on every line', () => {
    const take = reader();
    expect(numbers(take('Temp:1,temp:2\n'))).toEqual({ temp: [1], temp_2: [2] });
    expect(numbers(take('Temp:3,temp:4\n'))).toEqual({ temp: [3], temp_2: [4] });
  });

  it('unusable ones are counted, and the rest of the line is used', () => {
    const batch = reader()('温度:21,hum:40\n');
    expect(numbers(batch)).toEqual({ hum: [40] });
    expect(codes(batch)).toEqual(['attribute-id-invalid']);
    expect(batch.problems[0]?.detail).not.toContain('21');
  });

  it('noise cannot fill the server with attributes', () => {
    const take = reader();
    const seen = new Set<string>();
    let refused = 0;
    for (let i = 0; i < 500; i++) {
      const batch = take(`n${i}:1\n`);
      for (const { attribute } of batch.readings) seen.add(attribute);
      refused += batch.problems.length;
    }
    expect(seen.size).toBe(64);
    expect(refused).toBe(436);
    expect(numbers(take('n0:5\n'))).toEqual({ n0: [5] });
  });
});

describe('readings', () => {
  it('of several lines are one per attribute', () => {
    const batch = reader()('a:1,b:2\na:3\n{"v":{"x":1,"y":2}}\n{"v":{"x":3,"y":4}}\n{"s":"on"}\n{"s":"off"}\n');
    expect(batch.readings).toEqual([
      { kind: 'numeric', attribute: 'a', values: Float32Array.of(1, 3), timing: { kind: 'arrival' } },
      { kind: 'numeric', attribute: 'b', values: Float32Array.of(2), timing: { kind: 'arrival' } },
      {
        kind: 'numeric',
        attribute: 'v',
        values: Float32Array.of(1, 2, 3, 4),
        fields: ['x', 'y'],
        timing: { kind: 'arrival' },
      },
      { kind: 'structured', attribute: 's', payloads: ['on', 'off'], timing: { kind: 'arrival' } },
    ]);
  });

  it('fields are named like attributes, unusable ones by their place', () => {
    const [reading] = reader()('{"a":{"X Y":1,"°":2,"x y":3}}\n').readings;
    expect(reading?.kind === 'numeric' && reading.fields).toEqual(['x_y', 'v2', 'x_y_2']);
  });

  it('text for people is kept apart, cut to length', () => {
    const { texts, readings } = reader()(`Hello\n>\n${'x'.repeat(500)}\n`);
    expect(texts).toEqual(['Hello', 'x'.repeat(120)]);
    expect(readings).toEqual([]);
  });

  it('a serial port opened in the middle of a line gives no half number', () => {
    const take = reader({ startsMidLine: true });
    expect(numbers(take('.1,20\n15.1,20\n'))).toEqual({ value_1: [15.1], value_2: [20] });
  });
});

describe('the clock of the board', () => {
  const timingOf = (reading: Reading | undefined) => reading?.timing;

  it('dates the values of its line and is no value itself', () => {
    const { readings } = reader()('millis:1000,a:1\nmillis:1020,a:2\n');
    expect(readings).toHaveLength(1);
    expect(timingOf(readings[0])).toEqual({ kind: 'device', clock: 'millis-1', times: Float64Array.of(1000, 1020) });
  });

  it('may count microseconds, and stand in a column', () => {
    const take = reader();
    take('micros,a\n');
    const { readings } = take('1500,7\n');
    expect(readings.map(({ attribute }) => attribute)).toEqual(['a']);
    expect(timingOf(readings[0])).toEqual({ kind: 'device', clock: 'micros-1', times: Float64Array.of(1.5) });
  });

  it('a line without it is dated by its arrival', () => {
    expect(timingOf(reader()('millis:,a:1\n').readings[0])).toEqual({ kind: 'arrival' });
  });

  it('goes on when the counter wraps, and is another one after a restart', () => {
    const clock = createLineClock();
    const top = 2 ** 32;
    expect(clock.tick('millis', top - 10)).toEqual({ time: top - 10, clock: 'millis-1' });
    expect(clock.tick('millis', 10)).toEqual({ time: top + 10, clock: 'millis-1' });
    expect(clock.tick('millis', 5)).toEqual({ time: 5, clock: 'millis-2' });
    expect(clock.tick('millis', 5)).toEqual({ time: 5, clock: 'millis-2' });
    expect(clock.tick('micros', 2000)).toEqual({ time: 2, clock: 'micros-1' });
  });
});
