import { describe, expect, it } from 'vitest';
import { createReadings } from '../../../../src/device/lines/readings.ts';

describe('the readings of several lines', () => {
  it('keep the order of an attribute’s samples when only some lines have a time', () => {
    const readings = createReadings();
    const add = (value: number, time?: number): void =>
      readings.add(
        'temp',
        { kind: 'number', name: 'temp', value },
        time === undefined ? undefined : { time, clock: 'millis-1' },
      );
    add(1, 10);
    add(2, 20);
    add(3);
    add(4, 30);
    const all = readings.all();
    expect(all.flatMap((one) => (one.kind === 'numeric' ? [...one.values] : []))).toEqual([1, 2, 3, 4]);
    expect(all.map(({ timing }) => timing.kind)).toEqual(['device', 'arrival', 'device']);
  });
});
