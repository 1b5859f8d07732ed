import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RingBuffer } from '../../../../src/lib/ring-buffer.ts';
import {
  axisRange,
  drawTrace,
  extent,
  gapAfter,
  modeFor,
  typicalInterval,
} from '../../../../src/ui/parts/trace/geometry.ts';
import type { Viewport } from '../../../../src/ui/parts/trace/geometry.ts';

function ringOf(values: readonly (readonly [time: number, value: number])[]): RingBuffer {
  const ring = new RingBuffer(4096);
  for (const [time, value] of values) ring.push(time, value);
  return ring;
}

/** Notes what is drawn as `M x y` and `L x y`. */
function recorder() {
  const strokes: string[] = [];
  const note = (kind: string) => (x: number, y: number) =>
    void strokes.push(`${kind} ${Math.round(x)} ${Math.round(y)}`);
  return { strokes, moveTo: note('M'), lineTo: note('L') };
}

const TREND: Viewport = {
  mode: 'trend',
  width: 600,
  height: 108,
  windowMs: 60_000,
  edge: 60_000,
  gapAfter: 3_000,
  interval: 1_000,
  range: { min: 50, max: 150 },
};

describe('a trend', () => {
  it('is stepped: a value holds until the next one, the newest until now', () => {
    const pen = recorder();
    const head = drawTrace(
      ringOf([
        [58_000, 100],
        [59_000, 110],
      ]),
      TREND,
      pen,
    );
    expect(pen.strokes).toEqual(['M 580 54', 'L 590 54', 'L 590 44', 'L 600 44']);
    expect(head).toEqual({ x: 600, y: 44 });
  });

  it('lifts the pen over a gap, one interval after the last value before it', () => {
    const pen = recorder();
    drawTrace(
      ringOf([
        [10_000, 100],
        [30_000, 100],
        [31_000, 100],
      ]),
      { ...TREND, edge: 31_000 + 500 },
      pen,
    );
    expect(pen.strokes.filter((stroke) => stroke.startsWith('M'))).toHaveLength(2);
    const [, , secondMove] = pen.strokes;
    expect(pen.strokes[1]).toBe('L 395 54');
    expect(secondMove).toMatch(/^M 585 /);
  });

  it('ends where the data ends when nothing more arrives', () => {
    const pen = recorder();
    const head = drawTrace(ringOf([[30_000, 100]]), TREND, pen);
    expect(head?.x).toBeCloseTo(310);
  });

  it('shows nothing when everything is older than the window', () => {
    expect(drawTrace(ringOf([[1_000, 100]]), { ...TREND, edge: 200_000 }, recorder())).toBeUndefined();
  });
});

describe('a sweep', () => {
  const SWEEP: Viewport = { ...TREND, mode: 'sweep', windowMs: 6_000, gapAfter: 250, interval: 8, edge: 12_000 };

  it('runs round at the window’s length and does not join the end to the start', () => {
    const values = Array.from({ length: 600 }, (_, i): [number, number] => [9_000 + i * 8, 100]);
    const pen = recorder();
    drawTrace(ringOf(values), { ...SWEEP, edge: 13_792 }, pen);
    const wraps = pen.strokes.filter((stroke) => stroke.startsWith('M'));
    expect(wraps).toHaveLength(2);
    expect(wraps[1]).toMatch(/^M 0 /);
  });

  it('keeps every peak though many values share a column', () => {
    const values = Array.from({ length: 5000 }, (_, i): [number, number] => [7_000 + i, i === 2500 ? 149 : 60]);
    const pen = recorder();
    const ring = new RingBuffer(8192);
    for (const [time, value] of values) ring.push(time, value);
    drawTrace(ring, SWEEP, pen);
    expect(pen.strokes.length).toBeLessThan(3 * 600);
    const heights = pen.strokes.map((stroke) => Number(stroke.split(' ')[2]));
    expect(Math.min(...heights)).toBeLessThan(7);
  });

  it('wipes ahead of the head', () => {
    const values = Array.from({ length: 1500 }, (_, i): [number, number] => [i * 8, 100]);
    const pen = recorder();
    drawTrace(ringOf(values), { ...SWEEP, edge: 11_992 }, pen);
    const columns = new Set(pen.strokes.map((stroke) => Number(stroke.split(' ')[1])));
    expect(
      [...columns].some((x) => x < 30),
      'just ahead of the head (which stands at the right end)',
    ).toBe(false);
  });
});

describe('any values', () => {
  it('never draw outside the width, nor with NaN', () => {
    const sample = fc.tuple(
      fc.double({ min: 0, max: 120_000, noNaN: true }),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 80 }), fc.constantFrom('trend', 'sweep'), (samples, mode) => {
        const ring = ringOf(samples.sort((a, b) => a[0] - b[0]));
        const data = extent(ring, 0) ?? { min: 0, max: 1 };
        const range = axisRange(data, 20, undefined);
        const pen = recorder();
        const edge = ring.latest()?.time ?? 0;
        drawTrace(ring, { ...TREND, mode, edge, range, windowMs: mode === 'trend' ? 60_000 : 6_000 }, pen);
        for (const stroke of pen.strokes) {
          const [, x, y] = stroke.split(' ').map(Number);
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(600);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(108);
        }
      }),
    );
  });
});

describe('the axis', () => {
  it('has round ends and a least height', () => {
    expect(axisRange({ min: 71, max: 73 }, 20, undefined)).toEqual({ min: 60, max: 85 });
    expect(axisRange({ min: -0.12, max: 1.1 }, 1, undefined)).toEqual({ min: -0.5, max: 1.5 });
  });

  it('stays while the data fits and still needs half of it', () => {
    const before = { min: 60, max: 100 };
    expect(axisRange({ min: 65, max: 90 }, 20, before)).toBe(before);
    expect(axisRange({ min: 65, max: 101 }, 20, before)).not.toBe(before);
    expect(axisRange({ min: 80, max: 82 }, 10, before)).not.toBe(before);
  });

  it('always holds the data', () => {
    const number = fc.double({ min: -1e5, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(number, number, fc.double({ min: 0.1, max: 500, noNaN: true }), (a, b, span) => {
        const data = { min: Math.min(a, b), max: Math.max(a, b) };
        const range = axisRange(data, span, undefined);
        expect(range.min).toBeLessThanOrEqual(data.min + 1e-6);
        expect(range.max).toBeGreaterThanOrEqual(data.max - 1e-6);
        expect(range.max - range.min).toBeGreaterThanOrEqual(span * 0.999);
      }),
    );
  });
});

describe('the rhythm', () => {
  it('is the median step, so a gap does not change it', () => {
    const ring = ringOf([
      [0, 1],
      [1000, 1],
      [2000, 1],
      [30_000, 1],
      [31_000, 1],
    ]);
    expect(typicalInterval(ring)).toBe(1000);
    expect(
      typicalInterval(
        ringOf([
          [0, 1],
          [5, 1],
        ]),
      ),
    ).toBeUndefined();
  });

  it('decides gaps and the kind of picture', () => {
    expect(gapAfter(1000, 2500)).toBe(3000);
    expect(gapAfter(8, 250)).toBe(250);
    expect(modeFor('sweep', undefined)).toBe('sweep');
    expect(modeFor(undefined, 1000)).toBe('trend');
    expect(modeFor(undefined, 20)).toBe('sweep');
  });
});
