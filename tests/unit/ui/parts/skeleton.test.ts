/** Stick figures: where their lines go, the frame that follows them, and what they are in words. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { LiveHub } from '../../../../src/app/api.ts';
import type { Json } from '../../../../src/model/block.ts';
import { skeletonShape, type SkeletonShape } from '../../../../src/model/payloads.ts';
import { BONES, LANDMARK, USUAL_ASPECT } from '../../../../src/model/skeleton.ts';
import {
  figureIn,
  followed,
  frameOf,
  isSeen,
  paintFigure,
  type Frame,
  type Pen,
} from '../../../../src/ui/parts/skeleton/draw.ts';
import { factsOf } from '../../../../src/ui/parts/skeleton/posture.ts';
import { runFigure } from '../../../../src/ui/parts/skeleton/runner.ts';
import { skeletonMotion } from '../../../support/skeleton-motion.ts';

function shapeOf(payload: Json | undefined): SkeletonShape {
  const shape = skeletonShape(payload ?? null);
  if (!shape) throw new Error('no skeleton');
  return shape;
}

const walker = (at = 0): SkeletonShape => shapeOf(skeletonMotion(1, { from: at }).payloads[0]);

/** Points in a picture as cameras usually have it. */
const points = (...numbers: readonly number[]): SkeletonShape => ({
  aspect: USUAL_ASPECT,
  points: Float32Array.from(numbers),
});

/** The same points, each landmark moved. */
function moved(
  { aspect, points: all }: SkeletonShape,
  change: (x: number, y: number, landmark: number) => readonly (number | undefined)[],
): SkeletonShape {
  const other = all.slice();
  for (let i = 0; i < all.length; i += 4) {
    const [x = NaN, y = NaN, v] = change(all[i] ?? 0, all[i + 1] ?? 0, i / 4);
    other.set([x, y], i);
    if (v !== undefined) other[i + 3] = v;
  }
  return { aspect, points: other };
}

/** Those of the face are a circle. */
const BODY_BONES = BONES.filter(([from]) => from >= LANDMARK.leftShoulder);

const finite = (numbers: readonly number[]): boolean => numbers.every(Number.isFinite);

describe('a figure in a box', () => {
  const SIZE = { width: 300, height: 200 };
  const frame = frameOf(walker());
  if (!frame) throw new Error('no frame');

  it('has all bones and a dot for each landmark, inside the box', () => {
    const { bones, dots, head } = figureIn(walker(), frame, SIZE);
    expect(bones).toHaveLength(BODY_BONES.length);
    expect(dots).toHaveLength(22);
    const [x = NaN, y = NaN, radius = NaN] = head ?? [];
    // Above the shoulders, about a shoulder's width wide.
    const [left, right] = [dots[0], dots[1]];
    expect(y + radius / 2).toBeLessThan(left?.[1] ?? NaN);
    expect(Math.abs(x - ((left?.[0] ?? NaN) + (right?.[0] ?? NaN)) / 2)).toBeLessThan(radius);
    expect(radius).toBeLessThan((left?.[0] ?? NaN) - (right?.[0] ?? NaN));
    for (const [x, y] of dots) {
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(SIZE.width);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(SIZE.height);
    }
    // Head above feet, and the left of a person who faces the camera on the right.
    expect(y).toBeLessThan(dots.at(-1)?.[1] ?? 0);
    expect(left?.[0]).toBeGreaterThan(right?.[0] ?? 0);
  });

  it('keeps its proportions, whatever the box', () => {
    const span = (size: { width: number; height: number }): number => {
      const { dots } = figureIn(walker(), frame, size);
      const [a, b, c] = [LANDMARK.leftShoulder, LANDMARK.rightShoulder, LANDMARK.leftHip].map((i) => dots[i - 11]);
      if (!a || !b || !c) return NaN;
      return Math.hypot(a[0] - b[0], a[1] - b[1]) / Math.hypot(a[0] - c[0], a[1] - c[1]);
    };
    expect(span({ width: 40, height: 400 })).toBeCloseTo(span(SIZE), 6);
    expect(span({ width: 900, height: 100 })).toBeCloseTo(span(SIZE), 6);
  });

  it('is as wide before a camera held upright as before one that lies', () => {
    // The same person: what was a share of four thirds is one of three quarters.
    const upright = { ...moved(walker(), (x, y) => [(x * walker().aspect) / 0.75, y]), aspect: 0.75 };
    const there = figureIn(upright, frameOf(upright) ?? frame, SIZE);
    figureIn(walker(), frame, SIZE).dots.forEach(([x, y], i) => {
      expect(there.dots[i]?.[0]).toBeCloseTo(x, 3);
      expect(there.dots[i]?.[1]).toBeCloseTo(y, 3);
    });
  });

  it('leaves out what is not seen, and its bones; what says nothing of that is seen', () => {
    const hidden = moved(walker(), (x, y, i) => [x, y, i === LANDMARK.leftWrist ? 0.1 : i === 0 ? NaN : undefined]);
    expect(isSeen(hidden, LANDMARK.leftWrist)).toBe(false);
    expect(isSeen(hidden, 0)).toBe(true);
    const { bones, dots } = figureIn(hidden, frame, SIZE);
    expect(dots).toHaveLength(21);
    const ofWrist = BODY_BONES.filter((bone) => bone.includes(LANDMARK.leftWrist)).length;
    expect(bones).toHaveLength(BODY_BONES.length - ofWrist);
    const faceless = moved(walker(), (x, y, i) => [x, y, i >= 2 && i <= 10 ? 0 : undefined]);
    expect(figureIn(faceless, frame, SIZE).head).toBeUndefined();
  });

  it('is dots alone where there are other landmarks than a body has', () => {
    const { bones, dots } = figureIn(points(...walker().points.slice(0, 20)), frame, SIZE);
    expect([bones.length, dots.length]).toEqual([0, 5]);
  });

  it('is never drawn nowhere: whatever the points are, places are numbers', () => {
    const any = fc.float32Array({ minLength: 4, maxLength: 140 });
    fc.assert(
      fc.property(any, (numbers) => {
        const shape = points(...numbers);
        const around = frameOf(shape);
        if (!around) return true;
        const huge = numbers.some((value) => Math.abs(value) > 1e6);
        const { bones, dots } = figureIn(shape, around, SIZE);
        return huge || (bones.every((bone) => finite(bone)) && dots.every((dot) => finite(dot)));
      }),
    );
    expect(frameOf(points(NaN, NaN, NaN, 1))).toBeUndefined();
    expect(frameOf(points())).toBeUndefined();
  });
});

describe('the frame', () => {
  const A: Frame = { left: 0, top: 0, right: 1, bottom: 1 };
  const WIDER: Frame = { left: -1, top: 0, right: 1, bottom: 1 };

  it('begins with the figure, and after a pause', () => {
    expect(followed(undefined, A, 0)).toEqual(A);
    expect(followed(A, WIDER, 5000)).toEqual(WIDER);
    expect(followed(A, WIDER, NaN)).toEqual(WIDER);
  });

  it('goes outwards at once and inwards calmly, never beyond, and is the same in many small steps', () => {
    expect(followed(A, WIDER, 100).left).toBeLessThan(-0.5);
    expect(followed(WIDER, A, 100).left).toBeLessThan(-0.8);
    let small = WIDER;
    for (let i = 0; i < 10; i++) small = followed(small, A, 10);
    expect(small.left).toBeCloseTo(followed(WIDER, A, 100).left, 9);
  });

  it('does not tremble with the noise of a person who stands still', () => {
    const still = skeletonMotion(120, { walks: false }).payloads.map((one) => shapeOf(one));
    let frame: Frame | undefined;
    let [jumps, wandered] = [0, 0];
    for (const shape of still) {
      const wanted = frameOf(shape);
      if (!wanted) throw new Error('nobody');
      const next = followed(frame, wanted, 33);
      if (frame) jumps = Math.max(jumps, Math.abs(next.left - frame.left), Math.abs(next.top - frame.top));
      if (frame) wandered = Math.max(wandered, Math.abs(wanted.left - next.left));
      frame = next;
    }
    expect(jumps).toBeLessThan(0.003);
    expect(wandered).toBeLessThan(0.06);
  });

  it('does not blow up a lonely point', () => {
    const frame = frameOf(points(0.5, 0.5, 0, 1));
    expect((frame?.right ?? 0) - (frame?.left ?? 0)).toBeGreaterThanOrEqual(0.4);
  });
});

describe('a figure in words', () => {
  const turned = (degrees: number): SkeletonShape => {
    const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    return moved(walker(), (x, y) => {
      const [dx, dy] = [(x - 0.5) * (4 / 3), y - 0.5];
      return [0.5 + (c * dx - s * dy) * 0.75, 0.5 + s * dx + c * dy];
    });
  };
  it.each([
    [0, 'upright'],
    [20, 'upright'],
    [-50, 'bent'],
    [90, 'lying'],
    [180, 'lying'],
  ])('at %i°: %s', (degrees, posture) => {
    expect(factsOf(turned(degrees))).toEqual({ posture, seen: 33, of: 33 });
  });

  it('is only partly in sight without shoulders or hips', () => {
    const bust = moved(walker(), (x, y, i) => [x, y, i >= LANDMARK.leftHip ? 0 : undefined]);
    expect(factsOf(bust)).toEqual({ posture: 'partly', seen: 23, of: 33 });
    expect(factsOf(points())).toEqual({ posture: 'partly', seen: 0, of: 0 });
  });
});

function scriptedPen(): { pen: Pen; calls: string[] } {
  const calls: string[] = [];
  const note = (name: string) => () => void calls.push(name);
  const pen: Pen = {
    ...{ strokeStyle: '', fillStyle: '', globalAlpha: 1, lineWidth: 1, lineCap: 'butt' },
    ...{ clearRect: note('clear'), beginPath: note('begin'), moveTo: note('move'), lineTo: note('line') },
    ...{ stroke: note('stroke'), arc: note('arc'), fill: note('fill') },
  };
  return { pen, calls };
}

describe('strokes', () => {
  const figure = { bones: [[0, 0, 1, 1]], dots: [[0, 0]], head: [5, 5, 2] } as const;
  const look = { colour: 'rgb(1, 2, 3)', scale: 2, pale: false };

  it('are one path of bones and a dot each, in the colour of the theme', () => {
    const { pen, calls } = scriptedPen();
    paintFigure(pen, figure, { width: 10, height: 10 }, look);
    const head = ['begin', 'arc', 'stroke'];
    expect(calls).toEqual(['clear', 'begin', 'move', 'line', 'stroke', ...head, 'begin', 'arc', 'fill']);
    expect([pen.strokeStyle, pen.fillStyle, pen.globalAlpha]).toEqual(['rgb(1, 2, 3)', 'rgb(1, 2, 3)', 1]);
  });

  it('are pale where it is old, and none where there is nobody', () => {
    const { pen, calls } = scriptedPen();
    paintFigure(pen, figure, { width: 10, height: 10 }, { ...look, pale: true });
    expect(pen.globalAlpha).toBeLessThan(0.5);
    calls.length = 0;
    paintFigure(pen, undefined, { width: 10, height: 10 }, look);
    expect(calls).toEqual(['clear']);
  });
});

describe('the canvas', () => {
  /** A canvas of 300 × 200 whose observers the test holds, and frames that come when it says so. */
  function setUp() {
    let [visible, sized] = [(_: boolean): void => undefined, (): void => undefined];
    let frames: FrameRequestCallback[] = [];
    class Views {
      constructor(tell: (entries: { isIntersecting: boolean }[]) => void) {
        visible = (isIntersecting) => tell([{ isIntersecting }]);
      }
      observe(): void {}
      disconnect(): void {}
    }
    class Sizes {
      constructor(tell: (entries: { contentRect: { width: number; height: number } }[]) => void) {
        sized = () => tell([{ contentRect: { width: 300, height: 200 } }]);
      }
      observe(): void {}
      disconnect(): void {}
    }
    vi.stubGlobal('IntersectionObserver', Views);
    vi.stubGlobal('ResizeObserver', Sizes);
    vi.stubGlobal('devicePixelRatio', 1);
    vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => frames.push(frame));
    vi.stubGlobal('cancelAnimationFrame', () => (frames = []));
    const { pen, calls } = scriptedPen();
    let listener = (): void => undefined;
    let newest: (SkeletonShape & { time: number }) | undefined;
    const hub: Pick<LiveHub, 'skeleton' | 'onValues'> = {
      skeleton: () => newest,
      onValues: (_origin, _sensor, told) => {
        listener = told;
        return () => (listener = () => undefined);
      },
    };
    const canvas = { width: 0, height: 0, getContext: () => pen };
    const runner = runFigure(canvas as unknown as HTMLCanvasElement, {
      ...{ hub: hub as LiveHub, origin: 'own', sensorId: 's1', attribute: 'skeleton' },
      ...{ colour: () => 'red', pale: () => false },
    });
    let now = 0;
    return {
      runner,
      show: (on: boolean) => visible(on),
      size: () => sized(),
      arrive(shape: SkeletonShape | undefined) {
        if (shape) newest = { time: now, ...shape };
        listener();
      },
      /** How many pictures were drawn in the next frame. */
      frame() {
        const asked = frames;
        frames = [];
        calls.length = 0;
        now += 16;
        for (const draw of asked) draw(now);
        return calls.filter((call) => call === 'clear').length;
      },
    };
  }

  it('is drawn once for what is new, and not while it is off the screen', () => {
    const { show, size, arrive, frame, runner } = setUp();
    size();
    arrive(walker());
    expect(frame()).toBe(0);
    show(true);
    expect(frame()).toBe(1);
    expect(frame()).toBe(0);
    arrive(walker(0.1));
    arrive(walker(0.2));
    expect(frame()).toBe(1);
    // Another attribute of the sensor.
    arrive(undefined);
    expect(frame()).toBe(0);
    runner.tick();
    expect(frame()).toBe(1);
    show(false);
    arrive(walker(0.3));
    expect(frame()).toBe(0);
    runner.stop();
    show(true);
    arrive(walker(0.4));
    vi.unstubAllGlobals();
  });
});
