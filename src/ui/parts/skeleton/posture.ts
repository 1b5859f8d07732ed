/** What a skeleton looks like, for words. Pure. */
import type { SkeletonShape } from '../../../model/payloads.ts';
import { LANDMARK } from '../../../model/skeleton.ts';
import { isSeen, landmarksOf, placeOf, seenLandmarks } from './draw.ts';

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

export function factsOf(shape: SkeletonShape): FigureFacts {
  return { posture: postureOf(shape), seen: seenLandmarks(shape).length, of: landmarksOf(shape) };
}

function postureOf(shape: SkeletonShape): Posture {
  const shoulders = middle(shape, LANDMARK.leftShoulder, LANDMARK.rightShoulder);
  const hips = middle(shape, LANDMARK.leftHip, LANDMARK.rightHip);
  if (!shoulders || !hips) return 'partly';
  const [dx, dy] = [shoulders[0] - hips[0], hips[1] - shoulders[1]];
  const lean = (Math.atan2(Math.abs(dx), dy) * 180) / Math.PI;
  if (lean <= UPRIGHT) return 'upright';
  return lean <= BENT ? 'bent' : 'lying';
}

function middle(shape: SkeletonShape, one: number, other: number): readonly [number, number] | undefined {
  if (!isSeen(shape, one) || !isSeen(shape, other)) return undefined;
  const [a, b] = [placeOf(shape, one), placeOf(shape, other)];
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}
