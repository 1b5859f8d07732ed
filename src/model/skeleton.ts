/**
 * A skeleton: the 33 body landmarks of one person at one moment, in MediaPipe's order. Everything here is pure.
 * Source of order and bones: MediaPipe Pose Landmarker, "Pose landmarker model" (33 landmarks) and its list of connections.
 */
import type { Json } from './block.ts';

/** One landmark. `x`, `y`: of the picture's width and height, from its top left corner; may lie outside 0–1. */
export interface Landmark {
  readonly x: number;
  readonly y: number;
  /** Depth in about the unit of `x`, smaller is nearer, 0 at the middle of the hips; undefined where it is not said. */
  readonly z: number | undefined;
  /** How likely it is seen and not hidden, 0–1; undefined where it is not said. */
  readonly v: number | undefined;
}

/** One landmark in metres, from the middle of the hips. */
export interface WorldLandmark {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export const LANDMARK = {
  nose: 0,
  leftEye: 2,
  rightEye: 5,
  leftEar: 7,
  rightEar: 8,
  leftShoulder: 11,
  rightShoulder: 12,
  leftElbow: 13,
  rightElbow: 14,
  leftWrist: 15,
  rightWrist: 16,
  leftHip: 23,
  rightHip: 24,
  leftKnee: 25,
  rightKnee: 26,
  leftAnkle: 27,
  rightAnkle: 28,
} as const;

export const LANDMARK_COUNT = 33;

/** Below this visibility a landmark is neither drawn nor used. */
export const VISIBLE = 0.3;

/** Pairs of landmarks that a line joins when a skeleton is drawn. */
export const BONES: readonly (readonly [number, number])[] = [
  // face
  ...([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 7],
    [0, 4],
    [4, 5],
    [5, 6],
    [6, 8],
    [9, 10],
  ] as const),
  // arms and hands
  ...([
    [11, 12],
    [11, 13],
    [13, 15],
    [15, 17],
    [15, 19],
    [15, 21],
    [17, 19],
  ] as const),
  ...([
    [12, 14],
    [14, 16],
    [16, 18],
    [16, 20],
    [16, 22],
    [18, 20],
  ] as const),
  // trunk
  ...([
    [11, 23],
    [12, 24],
    [23, 24],
  ] as const),
  // legs and feet
  ...([
    [23, 25],
    [25, 27],
    [27, 29],
    [29, 31],
    [27, 31],
  ] as const),
  ...([
    [24, 26],
    [26, 28],
    [28, 30],
    [30, 32],
    [28, 32],
  ] as const),
];

/** To a thousandth of the picture, a millimetre, a thousandth; -0 becomes 0. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000 + 0;
}

/** Width of a camera's picture for its height where nobody says it: what cameras give unless they are asked. */
export const USUAL_ASPECT = 4 / 3;

/**
 * What is sent for one person. `mode` as the platform's client has it; `aspect` is ours: without it nobody can draw a person
 * before a phone held upright in the right proportions.
 * @param aspect width of the picture by its height
 */
export function skeletonPayload(
  landmarks: readonly { readonly x: number; readonly y: number; readonly z: number; readonly v: number }[],
  aspect: number,
  world?: readonly WorldLandmark[],
): Json {
  return {
    mode: 'full',
    aspect: rounded(aspect),
    landmarks: landmarks.map(({ x, y, z, v }) => ({ x: rounded(x), y: rounded(y), z: rounded(z), v: rounded(v) })),
    ...(world && {
      worldLandmarks: world.map(({ x, y, z }) => ({ x: rounded(x), y: rounded(y), z: rounded(z) })),
    }),
  };
}
