/** The comparison that every fault test rests on must itself be able to fail. */
import { describe, expect, test } from 'vitest';
import { firstDifference } from '../../e2e/support/ground-truth.ts';

const sure = (...values: readonly number[]) => values.map((value) => ({ value, mayBeLost: false }));
const last = (...values: readonly number[]) => values.map((value) => ({ value, mayBeLost: true }));

describe('measured against stored', () => {
  test('the same samples in the same order are no difference', () => {
    expect(firstDifference(sure(72, 72, 71), [72, 72, 71])).toBeUndefined();
    expect(firstDifference([], [])).toBeUndefined();
  });

  test('a missing, a doubled, an exchanged and an invented sample are', () => {
    expect(firstDifference(sure(72, 72, 71), [72, 71])).toMatch(/sample 1 \(72\) is missing, there is 71 instead/);
    expect(firstDifference(sure(72, 71), [72, 72, 71])).toMatch(/sample 1/);
    expect(firstDifference(sure(72, 71), [71, 72])).toMatch(/sample 0/);
    expect(firstDifference(sure(72, 71), [72, 71, 71])).toMatch(/1 more stored/);
    expect(firstDifference(sure(72), [])).toMatch(/the end/);
  });

  test('what a page took along may be missing, and only that', () => {
    const measured = [...sure(70, 71), ...last(71, 71), ...sure(71, 72)];
    for (const stored of [
      [70, 71, 71, 71, 71, 72],
      [70, 71, 71, 71, 72],
      [70, 71, 71, 72],
    ]) {
      expect(firstDifference(measured, stored)).toBeUndefined();
    }
    expect(firstDifference(measured, [70, 71, 72])).toBeDefined();
    expect(firstDifference(measured, [70, 71, 71, 71, 71, 71, 72])).toBeDefined();
  });

  test('objects and strings count by what is in them', () => {
    const measured = [{ value: { x: 1 }, mayBeLost: false }];
    expect(firstDifference(measured, [{ x: 1 }])).toBeUndefined();
    expect(firstDifference(measured, [{ x: 2 }])).toBeDefined();
  });
});
