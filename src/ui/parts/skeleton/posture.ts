/** What a skeleton looks like, for words. Pure. */
import { LANDMARK } from '../../../model/skeleton.ts';
import { isSeen, placeOf, seenLandmarks } from './draw.ts';

/** How a body is held; `partly`: too little of it is seen to say. */
export type Posture = 'upright' | 'bent' | 'lying' | 'partly';

/** Degrees from the vertical up to which a trunk is upright, and bent. */
const UPRIGHT = 30;
const BENT = 65;

export interface FigureFacts {
  readonly posture: Posture;
  /** Landmarks in sight, of so many. */
  readonly seen: number;
  readonly of: number;
}

export function factsOf(points: Float32Array): FigureFacts {
  return { posture: postureOf(points), seen: seenLandmarks(points).length, of: Math.floor(points.length / 4) };
}

function postureOf(points: Float32Array): Posture {
  const shoulders = middle(points, LANDMARK.leftShoulder, LANDMARK.rightShoulder);
  const hips = middle(points, LANDMARK.leftHip, LANDMARK.rightHip);
  if (!shoulders || !hips) return 'partly';
  const [dx, dy] = [shoulders[0] - hips[0], hips[1] - shoulders[1]];
  const lean = (Math.atan2(Math.abs(dx), dy) * 180) / Math.PI;
  if (lean <= UPRIGHT) return 'upright';
  return lean <= BENT ? 'bent' : 'lying';
}

function middle(points: Float32Array, one: number, other: number): readonly [number, number] | undefined {
  if (!isSeen(points, one) || !isSeen(points, other)) return undefined;
  const [a, b] = [placeOf(points, one), placeOf(points, other)];
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}
