/**
 * The face that the face model sees: it fills the square around the picture and looks towards the red light. Blue light
 * without red closes the left eye, green light without red the right one: so white only draws the gaze, cyan closes both.
 * Numbers of landmarks: MediaPipe face mesh, 468 points and 2 × 5 of the irises (468–477). "Left" is the person's left, which
 * is on the right of the picture.
 */
import { THRESHOLD } from './centroids.ts';
import type { Point, Size } from './figure.ts';

export const FACE_POINTS = 478;

/** Contours of an eye, lids from the outer corner to the inner one; the iris as middle, four edges. */
interface Eye {
  readonly outer: number;
  readonly inner: number;
  readonly upper: readonly number[];
  readonly lower: readonly number[];
  readonly iris: readonly number[];
  /** 1: on the right of the picture. */
  readonly side: 1 | -1;
}

export const EYES = {
  left: {
    outer: 263,
    inner: 362,
    upper: [466, 388, 387, 386, 385, 384, 398],
    lower: [249, 390, 373, 374, 380, 381, 382],
    iris: [473, 474, 475, 476, 477],
    side: 1,
  },
  right: {
    outer: 33,
    inner: 133,
    upper: [246, 161, 160, 159, 158, 157, 173],
    lower: [7, 163, 144, 145, 153, 154, 155],
    iris: [468, 469, 470, 471, 472],
    side: -1,
  },
} as const satisfies Record<string, Eye>;
export type EyeName = keyof typeof EYES;

/** All lengths are of the square's side, from its middle. */
export const EYE = {
  middle: { x: 0.15, y: -0.08 },
  halfWidth: 0.08,
  /** From the middle to a lid of the open eye. */
  halfGap: 0.024,
  /** Way of the iris from the middle of the picture's gaze to its edge. */
  gaze: { x: 0.04, y: 0.012 },
  iris: 0.02,
} as const;

/** Half of the box around all points. The region of the next frame is 1.5 times as large: all of the square, as it was. */
export const HALF_FACE = 1 / 3;

/** Mean blue (or green) light over the square, 0–1 and beyond the background, that closes an eye. */
export const CLOSING = 0.005;

export interface FacePoint extends Point {
  /** The eye it belongs to. */
  readonly eye?: EyeName;
  /** How far below its place the open eye has it. */
  readonly gap?: number;
  /** It goes with the gaze. */
  readonly iris?: boolean;
}

/** The 478 points of an eye that looks ahead and is closed. */
export function facePoints(): readonly FacePoint[] {
  const points = Array.from({ length: FACE_POINTS }, (_, index) => onOval(index / FACE_POINTS));
  // Forehead, chin, right and left cheek: the box around the face is exactly as large as it should be.
  points[10] = onOval(0);
  points[152] = onOval(0.5);
  points[454] = onOval(0.25);
  points[234] = onOval(0.75);
  for (const eye of ['left', 'right'] as const) placeEye(points, eye);
  return points;
}

/** @param turn from the top, clockwise, 0–1 */
function onOval(turn: number): FacePoint {
  return { x: HALF_FACE * Math.sin(2 * Math.PI * turn), y: -HALF_FACE * Math.cos(2 * Math.PI * turn) };
}

function placeEye(points: FacePoint[], name: EyeName): void {
  const { outer, inner, upper, lower, iris, side } = EYES[name];
  const at = (across: number, down: number, more: Partial<FacePoint>): FacePoint => ({
    x: side * (EYE.middle.x + EYE.halfWidth * across),
    y: EYE.middle.y + down,
    eye: name,
    ...more,
  });
  points[outer] = at(1, 0, {});
  points[inner] = at(-1, 0, {});
  for (const [lid, sign] of [[upper, -1] as const, [lower, 1] as const]) {
    lid.forEach((index, place) => {
      const across = 1 - (place + 1) / 4;
      points[index] = at(across, 0, { gap: sign * EYE.halfGap * (1 - across * across) });
    });
  }
  const edges = [
    [0, 0],
    [1, 0],
    [0, -1],
    [-1, 0],
    [0, 1],
  ] as const;
  iris.forEach((index, place) => {
    const [right = 0, down = 0] = edges[place] ?? [];
    const middle = at(0, down * EYE.iris, { iris: true });
    points[index] = { ...middle, x: middle.x + right * EYE.iris };
  });
}

export interface Disc extends Point {
  readonly radius: number;
}

/** How far a disc of full light closes its eye: 0 open, 1 closed. */
export function closedBy({ radius }: Disc, { width, height }: Size): number {
  const share = (Math.PI * radius * radius) / Math.max(width, height) ** 2;
  return Math.min(1, ((1 - THRESHOLD) * share) / CLOSING);
}

/** Blendshapes that the face has when it looks at `at` (pixels), by name; `closed`: 0 open, 1 closed. */
export function expectedEyes(at: Point, { width, height }: Size, closed: Readonly<Record<EyeName, number>>) {
  const side = Math.max(width, height);
  const right = (2 * (at.x - width / 2)) / side;
  const down = (2 * (at.y - height / 2)) / side;
  const positive = (value: number): number => Math.max(0, value);
  return {
    eyeBlinkLeft: closed.left,
    eyeBlinkRight: closed.right,
    eyeLookOutLeft: positive(right),
    eyeLookInRight: positive(right),
    eyeLookInLeft: positive(-right),
    eyeLookOutRight: positive(-right),
    eyeLookDownLeft: positive(down),
    eyeLookDownRight: positive(down),
    eyeLookUpLeft: positive(-down),
    eyeLookUpRight: positive(-down),
  };
}
