/**
 * A person before a camera, as a pose model sees one: walks on the spot, turns a little, waves from time to time. Lengths
 * in metres from the middle of the hips (x to the right of the picture, y down, z away from the camera), times in seconds.
 */
import { mulberry32 } from '../../../lib/random.ts';
import { LANDMARK, LANDMARK_COUNT, USUAL_ASPECT, type WorldLandmark } from '../../../model/skeleton.ts';
import { clamp, createDrift, type Drift } from './drift.ts';
import { createEvents, hump } from './events.ts';

/** Metres of a grown person. */
const BODY = { hip: 0.11, shoulder: 0.19, trunk: 0.5, upperArm: 0.29, forearm: 0.26, thigh: 0.43, shin: 0.42 } as const;
/** Steps a second, and how far thighs and arms swing, rad. */
const STEPS = 0.9;
const STRIDE = 0.4;
const ARM_SWING = 0.35;
/** s that a wave lasts, and its swings a second. */
const WAVE_SECONDS = 4;
const WAVE_HZ = 1.6;
/** Height of the picture that one metre takes at the person's distance, and that distance in metres. */
const SCALE = 0.42;
const DISTANCE = 3.2;

type Point = readonly [x: number, y: number, z: number];

/** One landmark of the picture and how likely it is seen. */
export interface FigureLandmark {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly v: number;
}

export interface FigurePose {
  readonly landmarks: readonly FigureLandmark[];
  readonly world: readonly WorldLandmark[];
}

/** Half widths of the noise of the numbers of a landmark, uniform, in their own units. */
export interface FigureNoise {
  readonly xy: number;
  readonly z: number;
  readonly v: number;
}

/** About what a pose model does to a still picture. */
export const FIGURE_NOISE: FigureNoise = { xy: 0.002, z: 0.006, v: 0.001 };

export interface FigureOptions {
  readonly noise?: FigureNoise;
  /** False: stands still but for breathing. */
  readonly walks?: boolean;
}

/** A pure function of time but for the noise. Same seed and same times: the same poses. */
export function createFigure(
  seed: number,
  { noise = FIGURE_NOISE, walks = true }: FigureOptions = {},
): (t: number) => FigurePose {
  const random = mulberry32(seed);
  const stand = createDrift(random, 0.5, 0.03, 9);
  const turn = createDrift(random, 0, walks ? 0.35 : 0.05, 12);
  const waves = createEvents(random, 3, 8);
  const seen = Array.from({ length: LANDMARK_COUNT }, (_, i) => visibility(random, i));
  const jitter = (half: number): number => half * (2 * random() - 1);
  return (t) => {
    const wave = walks ? hump(t - waves.last(t), WAVE_SECONDS) : 0;
    const points = turned(body(walks ? t : 0, t, wave), turn(t));
    const centre = stand(t);
    return {
      landmarks: points.map(([x, y, z], i) => {
        const near = SCALE / (1 + z / DISTANCE);
        return {
          x: centre + (x * near) / USUAL_ASPECT + jitter(noise.xy),
          y: 0.52 + y * near + jitter(noise.xy),
          z: (z * SCALE) / USUAL_ASPECT + jitter(noise.z),
          v: clamp((seen[i]?.(t) ?? 1) + jitter(noise.v), 0, 1),
        };
      }),
      world: points.map(([x, y, z]) => ({
        x: x + jitter(noise.xy),
        y: y + jitter(noise.xy),
        z: z + jitter(noise.z),
      })),
    };
  };
}

/** Feet are seen worst, the trunk best. */
function visibility(random: () => number, landmark: number): Drift {
  const far = landmark >= LANDMARK.leftKnee || (landmark > LANDMARK.rightShoulder && landmark < LANDMARK.leftHip);
  const mean = far ? 0.94 + 0.05 * random() : 0.996;
  return createDrift(random, mean, (1 - mean) / 2, 4 + 4 * random());
}

/** The 33 points of somebody who looks at the camera. @param step seconds of walking @param wave 0–1 */
function body(step: number, t: number, wave: number): readonly Point[] {
  const phase = 2 * Math.PI * STEPS * step;
  const breath = 0.008 * Math.sin(2 * Math.PI * 0.25 * t);
  const bob = 0.02 * Math.abs(Math.sin(phase));
  // Their left is on the right of the picture.
  const sides = ([1, -1] as const).map((side) => ({
    arm: arm(side, side * ARM_SWING * Math.sin(phase), side === -1 ? wave : 0, t, breath - bob),
    leg: leg(side, STRIDE * Math.sin(phase + (side === 1 ? Math.PI : 0)), -bob),
  }));
  const pairs = <Key extends 'arm' | 'leg'>(key: Key): Point[] => {
    const [left = [], right = []] = sides.map((one) => one[key]);
    return left.flatMap((point, i) => [point, right[i] ?? point]);
  };
  return [...head(breath - bob), ...pairs('arm'), ...pairs('leg')];
}

/** Nose, three points of each eye, ears, corners of the mouth. */
function head(up: number): Point[] {
  const y = -BODY.trunk - 0.22 + up;
  const at = (x: number, dy: number, z: number): Point => [x, y + dy, z];
  return [
    at(0, 0, -0.13),
    ...[1, -1].flatMap((side) => [0.02, 0.033, 0.047].map((x) => at(side * x, -0.035, -0.1))),
    at(0.075, -0.02, 0),
    at(-0.075, -0.02, 0),
    at(0.027, 0.04, -0.11),
    at(-0.027, 0.04, -0.11),
  ];
}

/** Shoulder, elbow, wrist, little finger, index finger, thumb. */
function arm(side: 1 | -1, swing: number, wave: number, t: number, up: number): Point[] {
  const shoulder: Point = [side * BODY.shoulder, -BODY.trunk + up, 0];
  // Hanging and swinging to and fro, or lifted to the side with the forearm up.
  const lift = 0.12 + 1.3 * wave;
  const elbow = along(shoulder, BODY.upperArm, [
    side * Math.sin(lift),
    Math.cos(lift) * Math.cos(swing),
    -Math.cos(lift) * Math.sin(swing) - 0.2 * wave,
  ]);
  const bend = 0.2 + lift + wave * (1.4 + 0.45 * Math.sin(2 * Math.PI * WAVE_HZ * t));
  const forearm: Point = [
    side * Math.sin(bend) * (0.3 + 0.7 * wave),
    Math.cos(bend),
    -0.3 * (1 - wave) * (1 + Math.sin(swing)),
  ];
  const wrist = along(elbow, BODY.forearm, forearm);
  const hand = (length: number, aside: number): Point =>
    along(wrist, length, [forearm[0] + aside * side, forearm[1], forearm[2] - 0.2]);
  return [shoulder, elbow, wrist, hand(0.09, 0.3), hand(0.1, 0), hand(0.05, -0.6)];
}

/** Hip, knee, ankle, heel, toe. */
function leg(side: 1 | -1, swing: number, up: number): Point[] {
  const hip: Point = [side * BODY.hip, up, 0];
  const knee = along(hip, BODY.thigh, [0.04 * side, Math.cos(swing), -Math.sin(swing)]);
  const shin = swing - 0.15 - 0.9 * Math.max(0, swing);
  const ankle = along(knee, BODY.shin, [0, Math.cos(shin), -Math.sin(shin)]);
  return [hip, knee, ankle, along(ankle, 0.06, [0, 0.7, 0.7]), along(ankle, 0.2, [0.25 * side, 0.35, -0.9])];
}

/** The end of a bone that starts at `from` and points into this direction. */
function along([x, y, z]: Point, length: number, [dx, dy, dz]: Point): Point {
  const scale = length / Math.hypot(dx, dy, dz);
  return [x + scale * dx, y + scale * dy, z + scale * dz];
}

/** About the vertical through the hips. */
function turned(points: readonly Point[], angle: number): Point[] {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return points.map(([x, y, z]) => [c * x + s * z, y, c * z - s * x]);
}
