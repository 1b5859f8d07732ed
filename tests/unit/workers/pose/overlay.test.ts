import { describe, expect, it } from 'vitest';
import { BONES } from '../../../../src/model/skeleton.ts';
import { Overlay, type Pen, type Scene, type Sheet } from '../../../../workers/pose/overlay.ts';
import { bodyAt } from './bodies.ts';

type Stroke = { readonly colour: string; readonly width: number; readonly lines: number[][] };

/** A canvas that notes what is drawn on it. */
function paper(width: number, height: number) {
  let path: number[][] = [];
  let from: number[] = [];
  const strokes: Stroke[] = [];
  const dots: number[][] = [];
  let cleared = 0;
  const pen: Pen = {
    lineWidth: 1,
    lineCap: 'butt',
    strokeStyle: '',
    fillStyle: '',
    clearRect: () => {
      cleared += 1;
      strokes.length = 0;
      dots.length = 0;
    },
    beginPath: () => {
      path = [];
    },
    moveTo: (x, y) => {
      from = [x, y];
    },
    lineTo: (x, y) => path.push([...from, x, y]),
    arc: (x, y) => void dots.push([x, y]),
    stroke: () =>
      void strokes.push({
        colour: typeof pen.strokeStyle === 'string' ? pen.strokeStyle : 'a pattern',
        width: pen.lineWidth,
        lines: path,
      }),
    fill: () => undefined,
  };
  const sheet: Sheet = { width, height, getContext: () => pen };
  return { sheet, strokes, dots, cleared: () => cleared };
}

const scene = (change: Partial<Scene> = {}): Scene => ({
  persons: [{ number: 1, body: bodyAt(0.25, 0.5) }],
  width: 640,
  height: 480,
  mirror: false,
  ...change,
});

/** Line between the hips. */
const HIPS = BONES.findIndex(([a, b]) => a === 23 && b === 24);

describe('the overlay', () => {
  it('draws bones as light lines over dark ones, where the picture has them', () => {
    const { sheet, strokes, dots } = paper(1280, 960);
    new Overlay(sheet).show(scene());
    const [dark, light] = strokes;
    expect(strokes).toHaveLength(2);
    expect(dark?.colour).toMatch(/^rgb\(0 0 0/);
    expect(light?.colour).toBe('#ffffff');
    expect(dark?.width).toBe(2 * (light?.width ?? 0));
    expect(light?.width).toBe(6);
    expect(light?.lines).toHaveLength(BONES.length);
    for (const [i, expected] of [0.3 * 1280, 480, 0.2 * 1280, 480].entries()) {
      expect(light?.lines[HIPS]?.[i]).toBeCloseTo(expected);
    }
    expect(dots).toHaveLength(2 * 33);
  });

  it('mirrors', () => {
    const { sheet, strokes } = paper(1280, 960);
    new Overlay(sheet).show(scene({ mirror: true }));
    expect(strokes[1]?.lines[HIPS]?.[0]).toBeCloseTo(0.7 * 1280);
  });

  it('lies where the picture lies that fits on the canvas', () => {
    // 4 : 3 on a square of 900: 900 × 675, 112.5 from above.
    const { sheet, strokes } = paper(900, 900);
    new Overlay(sheet).show(scene());
    expect(strokes[1]?.lines[HIPS]?.[0]).toBeCloseTo(270);
    expect(strokes[1]?.lines[HIPS]?.[1]).toBeCloseTo(450);
    const [, nose] = strokes[1]?.lines[0] ?? [];
    expect(nose).toBeCloseTo(112.5 + 0.15 * 675);
  });

  it('leaves out what is not seen', () => {
    const { sheet, strokes, dots } = paper(640, 480);
    const body = bodyAt(0.5, 0.5);
    const landmarks = body.landmarks.map((one, i) => (i === 23 ? { ...one, v: 0.29 } : one));
    new Overlay(sheet).show(scene({ persons: [{ number: 1, body: { ...body, landmarks } }] }));
    expect(strokes[1]?.lines).toHaveLength(BONES.filter(([a, b]) => a !== 23 && b !== 23).length);
    expect(dots).toHaveLength(2 * 32);
  });

  it('gives each person a colour', () => {
    const { sheet, strokes } = paper(640, 480);
    new Overlay(sheet).show(
      scene({ persons: [1, 2, 3, 4].map((number) => ({ number, body: bodyAt(0.2 * number, 0.5) })) }),
    );
    expect(new Set(strokes.map(({ colour }) => colour)).size).toBe(5);
  });

  it('is cleared once when nobody is there any more', () => {
    const { sheet, strokes, cleared } = paper(640, 480);
    const overlay = new Overlay(sheet);
    overlay.show(scene({ persons: [] }));
    expect(cleared()).toBe(0);
    overlay.show(scene());
    overlay.show(scene({ persons: [] }));
    expect(strokes).toHaveLength(0);
    expect(cleared()).toBe(2);
    overlay.show(scene({ persons: [] }));
    expect(cleared()).toBe(2);
  });

  it('is drawn anew at another size; sizes that are none change nothing', () => {
    const { sheet, strokes } = paper(640, 480);
    const overlay = new Overlay(sheet);
    overlay.show(scene());
    overlay.resize(320.4, 240);
    expect([sheet.width, sheet.height]).toEqual([320, 240]);
    expect(strokes[1]?.lines[HIPS]?.[0]).toBeCloseTo(0.3 * 320);
    // Never thinner than can be seen.
    expect(strokes[1]?.width).toBe(2);
    for (const [width, height] of [
      [0, 100],
      [NaN, 100],
      [100, -1],
    ] as const)
      overlay.resize(width, height);
    expect([sheet.width, sheet.height]).toEqual([320, 240]);
    overlay.clear();
    overlay.resize(640, 480);
    expect(strokes).toHaveLength(0);
  });
});
