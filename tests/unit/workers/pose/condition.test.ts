import { describe, expect, it } from 'vitest';
import { meanLuma } from '../../../../workers/pose/brightness.ts';
import { conditionOf } from '../../../../workers/pose/condition.ts';
import type { Body } from '../../../../workers/pose/ports.ts';
import { bodyAt } from './bodies.ts';

/** The same person, so many times as large, around their hips. */
function scaled({ landmarks, world }: Body, factor: number): Body {
  return {
    world,
    landmarks: landmarks.map((one) => ({ ...one, x: 0.5 + (one.x - 0.5) * factor, y: 0.5 + (one.y - 0.5) * factor })),
  };
}

describe('condition of a picture', () => {
  it.each([
    ['somebody in a bright room', bodyAt(0.5, 0.5), 0.5, 'good'],
    ['somebody, the light not known', bodyAt(0.5, 0.5), undefined, 'good'],
    ['nobody in a bright room', undefined, 0.5, 'no-person'],
    ['nobody in the dark', undefined, 0.05, 'low-light'],
    ['somebody seen poorly in the dark', bodyAt(0.5, 0.5, 0.6), 0.05, 'low-light'],
    ['somebody seen well in the dark', bodyAt(0.5, 0.5, 0.9), 0.05, 'good'],
    ['somebody seen poorly in a bright room', bodyAt(0.5, 0.5, 0.6), 0.5, 'good'],
    ['hips below the edge', bodyAt(0.5, 1.01), 0.5, 'too-close'],
    ['a shoulder left of the edge', bodyAt(0.05, 0.5), 0.5, 'too-close'],
  ] as const)('%s', (_, body, brightness, condition) => {
    expect(conditionOf(body, brightness)).toBe(condition);
  });

  it('is too close for somebody who fills the picture, by what is seen of them', () => {
    const flat = bodyAt(0.5, 0.5);
    // 0.95 × 0.95, shoulders and hips inside.
    const wide: Body = {
      ...flat,
      landmarks: flat.landmarks.map((one, i) =>
        i === 15 ? { ...one, x: 0.02, y: 0.02 } : i === 28 ? { ...one, x: 0.98, y: 0.98 } : one,
      ),
    };
    expect(conditionOf(wide, 0.5)).toBe('too-close');
    const hidden = {
      ...wide,
      landmarks: wide.landmarks.map((one, i) => (i === 28 || i === 15 ? { ...one, v: 0.1 } : one)),
    };
    expect(conditionOf(hidden, 0.5)).toBe('good');
    expect(conditionOf(scaled(flat, 1.2), 0.5)).toBe('good');
  });
});

describe('mean luma', () => {
  it.each([
    ['white', [255, 255, 255, 255], 1],
    ['black and white', [0, 0, 0, 255, 255, 255, 255, 255], 0.5],
    ['green', [0, 255, 0, 255], 0.587],
    ['a cut pixel after a red one', [255, 0, 0, 255, 9, 9], 0.299],
  ])('of %s', (_, pixels, luma) => {
    expect(meanLuma(pixels)).toBeCloseTo(luma);
  });

  it('is not there without pixels', () => {
    expect(meanLuma([])).toBeUndefined();
  });
});
