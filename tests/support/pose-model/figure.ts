/**
 * The person the body model sees: a standing figure that hangs on three lights. Red light is where the middle of the hips is,
 * green carries the left hand, blue the right one; an elbow goes half the way with its hand. A white light is all three and
 * moves the figure as a whole.
 */
/** Of the square around the picture, whose side is the picture's longer side: right, down, away from the camera. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface FigurePoint extends Place {
  /** Which light moves it besides red, and how much of it. */
  readonly hand: 'left' | 'right' | undefined;
  readonly share: number;
}

/** x, y, z of the left one of two, and how much it goes with the hand. The order is that of the 33 landmarks. */
const PAIRS: readonly (readonly [x: number, y: number, z: number, share: number])[] = [
  // Shoulder, elbow, wrist, little finger, index finger, thumb.
  [0.07, -0.22, -0.02, 0],
  [0.11, -0.11, -0.02, 0.5],
  [0.1, 0, -0.06, 1],
  [0.105, 0.025, -0.07, 1],
  [0.095, 0.03, -0.07, 1],
  [0.09, 0.015, -0.06, 1],
  // Hip, knee, ankle, heel, toes.
  [0.045, 0, 0, 0],
  [0.045, 0.15, 0, 0],
  [0.045, 0.29, 0.02, 0],
  [0.04, 0.31, 0.03, 0],
  [0.06, 0.32, -0.03, 0],
];

/** Inner corner, middle and outer corner of the left eye. */
const EYE: readonly (readonly [x: number, y: number])[] = [
  [0.01, -0.315],
  [0.02, -0.315],
  [0.03, -0.31],
];
const FACE_DEPTH = -0.08;

const still = (x: number, y: number, z = FACE_DEPTH): FigurePoint => ({ x, y, z, hand: undefined, share: 0 });

/** The 33 landmarks, from the middle of the hips. */
const FIGURE: readonly FigurePoint[] = [
  still(0, -0.3),
  ...EYE.map(([x, y]) => still(x, y)),
  ...EYE.map(([x, y]) => still(-x, y)),
  // Ears, then the corners of the mouth.
  still(0.04, -0.305, 0),
  still(-0.04, -0.305, 0),
  still(0.012, -0.285),
  still(-0.012, -0.285),
  ...PAIRS.flatMap(([x, y, z, share]): FigurePoint[] => [
    { x, y, z, share, hand: share > 0 ? 'left' : undefined },
    { x: -x, y, z, share, hand: share > 0 ? 'right' : undefined },
  ]),
];

/** Metres that the side of the square is long where the figure stands: it is 1.7 m tall. */
export const METRES = 2.7;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Centres of the three lights, in pixels of the picture. */
export interface Lights {
  readonly red: Point;
  readonly green: Point;
  readonly blue: Point;
}

export const white = (at: Point): Lights => ({ red: at, green: at, blue: at });

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface ExpectedBody {
  /** Of the picture's width and height. */
  readonly landmarks: readonly Point[];
  /** Metres from the middle of the hips. */
  readonly world: readonly Place[];
}

/** What a landmarker has to find in a picture with these lights. */
export function expectedBody(lights: Lights, { width, height }: Size): ExpectedBody {
  const side = Math.max(width, height);
  const moved = FIGURE.map((point) => {
    const hand = point.hand === undefined ? lights.red : point.hand === 'left' ? lights.green : lights.blue;
    const shift = (axis: 'x' | 'y'): number => point.share * (hand[axis] - lights.red[axis]);
    return { point, x: point.x * side + shift('x'), y: point.y * side + shift('y') };
  });
  return {
    landmarks: moved.map(({ x, y }) => ({ x: (lights.red.x + x) / width, y: (lights.red.y + y) / height })),
    world: moved.map(({ point, x, y }) => ({
      x: (x / side) * METRES,
      y: (y / side) * METRES,
      z: point.z * METRES,
    })),
  };
}

/** For the model's tables: the figure's point with this number; the middle of the hips beyond the 33. */
export function figurePoint(index: number): FigurePoint {
  return FIGURE[index] ?? still(0, 0, 0);
}
