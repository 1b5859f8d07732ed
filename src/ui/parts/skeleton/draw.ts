/**
 * A skeleton as a stick figure: where its lines go, in a frame that follows it without jumping. Pure but for the strokes.
 * Points are x, y, z, v of each landmark in a row, as the hub has them: shares of the picture's width and height.
 */
import type { SkeletonShape } from '../../../model/payloads.ts';
import { BONES, LANDMARK, LANDMARK_COUNT, VISIBLE } from '../../../model/skeleton.ts';

/** Numbers of a landmark. */
const WIDTH = 4;
/** Of the picture's height: no figure is blown up beyond this, and there is so much room around it. */
const LEAST_SPAN = 0.4;
const MARGIN = 0.06;
/** How fast the frame follows, ms: calmly, but at once where the figure would leave it. */
const CALM = 900;
const HURRY = 120;
/** After such a pause, ms, it is another scene. */
const CUT = 2000;

/** A head reaches beyond its eyes, ears and mouth. */
const HEAD = 1.3;

const LINE = 3;
const DOT = 2.5;
const PALE = 0.35;

/** A part of the picture, in heights of the picture. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Figure {
  readonly bones: readonly (readonly [x1: number, y1: number, x2: number, y2: number])[];
  readonly dots: readonly (readonly [x: number, y: number])[];
  /** A circle in the place of the points of the face, which would be a blot; undefined if hardly any is seen. */
  readonly head: readonly [x: number, y: number, radius: number] | undefined;
}

/** Whether a landmark is seen; where nothing is said of that, it is. */
export function isSeen({ points }: SkeletonShape, landmark: number): boolean {
  const seen = points[WIDTH * landmark + 3] ?? 0;
  const isThere = Number.isFinite(points[WIDTH * landmark]) && Number.isFinite(points[WIDTH * landmark + 1]);
  return isThere && !(seen < VISIBLE);
}

/** Where a landmark is, in heights of the picture. */
export function placeOf({ points, aspect }: SkeletonShape, landmark: number): readonly [x: number, y: number] {
  return [(points[WIDTH * landmark] ?? NaN) * aspect, points[WIDTH * landmark + 1] ?? NaN];
}

/** Landmarks that are seen. */
export function seenLandmarks(shape: SkeletonShape): readonly number[] {
  return Array.from({ length: landmarksOf(shape) }, (_, i) => i).filter((i) => isSeen(shape, i));
}

/** How many landmarks it has, seen or not. */
export function landmarksOf({ points }: SkeletonShape): number {
  return Math.floor(points.length / WIDTH);
}

/** The part of the picture that the figure takes, with room around it; undefined if nothing of it is seen. */
export function frameOf(shape: SkeletonShape): Frame | undefined {
  const seen = seenLandmarks(shape).map((landmark) => placeOf(shape, landmark));
  if (seen.length === 0) return undefined;
  const [left, right] = around(seen.map(([x]) => x));
  const [top, bottom] = around(seen.map(([, y]) => y));
  return { left, top, right, bottom };
}

function around(places: readonly number[]): readonly [number, number] {
  const [least, most] = [Math.min(...places), Math.max(...places)];
  const half = Math.max((most - least) / 2 + MARGIN, LEAST_SPAN / 2);
  const middle = (least + most) / 2;
  return [middle - half, middle + half];
}

/**
 * The frame on its way to where the figure is now.
 * @param elapsed ms since the last one
 */
export function followed(last: Frame | undefined, wanted: Frame, elapsed: number): Frame {
  if (last === undefined || elapsed > CUT || !(elapsed >= 0)) return wanted;
  const share = (time: number): number => 1 - Math.exp(-elapsed / time);
  // Outwards (against the room around it) in a hurry, inwards calmly.
  const edge = (from: number, to: number, outwards: boolean): number =>
    from + (to - from) * share(outwards ? HURRY : CALM);
  return {
    left: edge(last.left, wanted.left, wanted.left < last.left),
    top: edge(last.top, wanted.top, wanted.top < last.top),
    right: edge(last.right, wanted.right, wanted.right > last.right),
    bottom: edge(last.bottom, wanted.bottom, wanted.bottom > last.bottom),
  };
}

/** Lines and dots of a figure in a box, its proportions kept. Of bodies with other landmarks nobody knows the bones. */
export function figureIn(shape: SkeletonShape, frame: Frame, { width, height }: Size): Figure {
  const scale = Math.min(width / (frame.right - frame.left), height / (frame.bottom - frame.top));
  const place = (landmark: number): readonly [number, number] => {
    const [x, y] = placeOf(shape, landmark);
    return [
      width / 2 + scale * (x - (frame.left + frame.right) / 2),
      height / 2 + scale * (y - (frame.top + frame.bottom) / 2),
    ];
  };
  const isBody = landmarksOf(shape) === LANDMARK_COUNT;
  const seen = seenLandmarks(shape);
  const isFace = (landmark: number): boolean => isBody && landmark < LANDMARK.leftShoulder;
  return {
    bones: (isBody ? BONES : [])
      .filter(([from]) => !isFace(from))
      .filter(([from, to]) => isSeen(shape, from) && isSeen(shape, to))
      .map(([from, to]) => [...place(from), ...place(to)] as const),
    dots: seen.filter((landmark) => !isFace(landmark)).map(place),
    head: circleAround(seen.filter(isFace).map(place)),
  };
}

function circleAround(places: readonly (readonly [number, number])[]): Figure['head'] {
  if (places.length < 3) return undefined;
  const middle = (axis: 0 | 1): number => places.reduce((sum, one) => sum + one[axis], 0) / places.length;
  const [x, y] = [middle(0), middle(1)];
  return [x, y, HEAD * Math.max(...places.map((one) => Math.hypot(one[0] - x, one[1] - y)))];
}

export interface FigureLook {
  /** A CSS colour. */
  readonly colour: string;
  /** Device pixels per CSS pixel. */
  readonly scale: number;
  /** It is old. */
  readonly pale: boolean;
}

/** The part of a canvas's context that is used. */
export type Pen = Pick<
  CanvasRenderingContext2D,
  | ('clearRect' | 'beginPath' | 'moveTo' | 'lineTo' | 'stroke' | 'arc' | 'fill')
  | ('strokeStyle' | 'fillStyle' | 'globalAlpha' | 'lineWidth' | 'lineCap')
>;

/** Draws the figure alone on the canvas; none: the canvas is cleared. */
export function paintFigure(
  pen: Pen,
  figure: Figure | undefined,
  size: Size,
  { colour, scale, pale }: FigureLook,
): void {
  pen.clearRect(0, 0, size.width, size.height);
  if (!figure) return;
  pen.globalAlpha = pale ? PALE : 1;
  pen.strokeStyle = colour;
  pen.fillStyle = colour;
  pen.lineWidth = LINE * scale;
  pen.lineCap = 'round';
  pen.beginPath();
  for (const [x1, y1, x2, y2] of figure.bones) {
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
  }
  pen.stroke();
  if (figure.head) {
    pen.beginPath();
    pen.arc(...figure.head, 0, 2 * Math.PI);
    pen.stroke();
  }
  for (const [x, y] of figure.dots) {
    pen.beginPath();
    pen.arc(x, y, DOT * scale, 0, 2 * Math.PI);
    pen.fill();
  }
}
