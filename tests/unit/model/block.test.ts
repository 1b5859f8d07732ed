import { describe, expect, it } from 'vitest';
import {
  canJoin,
  joinBlocks,
  payloadAt,
  sliceBlock,
  type NumericBlock,
  type StructuredBlock,
} from '../../../src/model/block.ts';

const motion = (first: number, samples: number): NumericBlock => ({
  kind: 'numeric',
  attribute: 'accelerometer',
  times: Float64Array.from({ length: samples }, (_, i) => first + i),
  values: Float32Array.from({ length: 2 * samples }, (_, i) => 10 * first + i),
  fields: ['x', 'y'],
});
const battery = (...levels: number[]): StructuredBlock => ({
  kind: 'structured',
  attribute: 'battery',
  times: Float64Array.from(levels),
  payloads: levels.map((level) => ({ level })),
});

describe('blocks', () => {
  it('with fields are cut and joined sample by sample', () => {
    const whole = joinBlocks(motion(1, 2), motion(3, 1));
    expect([0, 1, 2].map((i) => payloadAt(whole, i))).toEqual([
      { x: 10, y: 11 },
      { x: 12, y: 13 },
      { x: 30, y: 31 },
    ]);
    expect(payloadAt(sliceBlock(whole, 1, 3), 1)).toEqual({ x: 30, y: 31 });
    expect(sliceBlock(whole, 0, 3)).toBe(whole);
  });

  it('of objects are cut and joined too', () => {
    const whole = joinBlocks(battery(80), battery(79, 78));
    expect(sliceBlock(whole, 1, 2)).toEqual(battery(79));
  });

  it('join only what can stand in one record', () => {
    const plain: NumericBlock = {
      kind: 'numeric',
      attribute: 'accelerometer',
      times: Float64Array.of(1),
      values: Float32Array.of(1),
    };
    expect(canJoin(motion(1, 1), motion(2, 1))).toBe(true);
    expect(canJoin(motion(1, 1), plain)).toBe(false);
    expect(canJoin(motion(1, 1), { ...motion(2, 1), fields: ['x', 'z'] })).toBe(false);
    expect(canJoin(battery(1), battery(2))).toBe(true);
    expect(canJoin(battery(1), { ...battery(1), attribute: 'other' })).toBe(false);
  });

  it('say null for what is no number', () => {
    const odd: NumericBlock = { ...motion(1, 1), values: Float32Array.of(NaN, Infinity) };
    expect(payloadAt(odd, 0)).toEqual({ x: null, y: null });
    expect(payloadAt(odd, 5)).toEqual({ x: null, y: null });
  });
});
