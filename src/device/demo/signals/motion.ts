/**
 * A body that moves: attitude, and what an accelerometer, a gyroscope and a magnetometer fixed to it measure. Earth axes:
 * x north, y west, z up. A pure function of time but for the noise. Times in seconds, angles in rad.
 */
import { mulberry32 } from '../../../lib/random.ts';
import { createDrift, noise } from './drift.ts';

export type Vector = readonly [number, number, number];

export interface MotionStyle {
  /** How far it turns about each axis: roll, pitch, yaw, rad. */
  readonly sway: Vector;
  /** Swings a second. */
  readonly frequency: number;
  /** Up and down, twice a swing, m/s². */
  readonly bounce: number;
  /** Noise of the accelerometer, m/s². */
  readonly noise: number;
}

export const STYLE = {
  /** A chest at rest. */
  chest: { sway: [0.02, 0.04, 0.01], frequency: 0.25, bounce: 0.1, noise: 0.06 },
  /** A head that looks around a little. */
  head: { sway: [0.05, 0.08, 0.2], frequency: 0.12, bounce: 0.05, noise: 0.04 },
  /** A board in a pocket of somebody who walks. */
  walk: { sway: [0.12, 0.2, 0.1], frequency: 0.9, bounce: 2.4, noise: 0.25 },
  /** A back in crawl: the body rolls with each pair of strokes. */
  swim: { sway: [0.75, 0.12, 0.15], frequency: 0.45, bounce: 1.8, noise: 0.3 },
} as const satisfies Readonly<Record<string, MotionStyle>>;

const GRAVITY = 9.80665;
/** Magnetic field in the middle of Europe, µT. */
const FIELD: Vector = [21.4, 0, -42.8];
const GYROSCOPE_NOISE = 0.01;
const FIELD_NOISE = 0.4;

export interface Attitude {
  readonly roll: number;
  readonly pitch: number;
  readonly yaw: number;
  /** w, x, y, z. */
  readonly quaternion: readonly [number, number, number, number];
  /** From the body to the earth, row by row. */
  readonly matrix: readonly number[];
}

export interface MotionSample extends Attitude {
  /** m/s², gravity included. */
  readonly acceleration: Vector;
  /** rad/s. */
  readonly rotation: Vector;
  /** µT. */
  readonly field: Vector;
  /** m/s². */
  readonly gravity: Vector;
}

export function createMotion(seed: number, style: MotionStyle): (t: number) => MotionSample {
  const random = mulberry32(seed);
  const heading = createDrift(random, 2 * Math.PI * random(), 0.6, 90);
  const phases = [0, 0, 0].map(() => 2 * Math.PI * random());
  const omega = 2 * Math.PI * style.frequency;
  const angle = (axis: 0 | 1 | 2, t: number): number => style.sway[axis] * Math.sin(omega * t + (phases[axis] ?? 0));
  const speed = (axis: 0 | 1 | 2, t: number): number =>
    style.sway[axis] * omega * Math.cos(omega * t + (phases[axis] ?? 0));

  return (t) => {
    const attitude = attitudeOf(angle(0, t), angle(1, t), heading(t) + angle(2, t));
    const gravity = toBody(attitude.matrix, [0, 0, GRAVITY]);
    const bounce = style.bounce * Math.sin(2 * omega * t);
    const linear = toBody(attitude.matrix, [0.4 * style.bounce * Math.sin(omega * t), 0, bounce]);
    const noisy = (vector: Vector, size: number): Vector => [
      vector[0] + noise(random, size),
      vector[1] + noise(random, size),
      vector[2] + noise(random, size),
    ];
    return {
      ...attitude,
      gravity,
      acceleration: noisy([gravity[0] + linear[0], gravity[1] + linear[1], gravity[2] + linear[2]], style.noise),
      rotation: noisy([speed(0, t), speed(1, t), speed(2, t)], GYROSCOPE_NOISE),
      field: noisy(toBody(attitude.matrix, FIELD), FIELD_NOISE),
    };
  };
}

/** Roll about x, then pitch about y, then yaw about z. */
function attitudeOf(roll: number, pitch: number, yaw: number): Attitude {
  const [cr, sr] = [Math.cos(roll), Math.sin(roll)];
  const [cp, sp] = [Math.cos(pitch), Math.sin(pitch)];
  const [cy, sy] = [Math.cos(yaw), Math.sin(yaw)];
  const [hr, hp, hy] = [roll / 2, pitch / 2, yaw / 2];
  const [chr, shr, chp, shp] = [Math.cos(hr), Math.sin(hr), Math.cos(hp), Math.sin(hp)];
  const [chy, shy] = [Math.cos(hy), Math.sin(hy)];
  return {
    roll,
    pitch,
    yaw,
    quaternion: [
      chr * chp * chy + shr * shp * shy,
      shr * chp * chy - chr * shp * shy,
      chr * shp * chy + shr * chp * shy,
      chr * chp * shy - shr * shp * chy,
    ],
    matrix: [
      cy * cp,
      cy * sp * sr - sy * cr,
      cy * sp * cr + sy * sr,
      sy * cp,
      sy * sp * sr + cy * cr,
      sy * sp * cr - cy * sr,
      -sp,
      cp * sr,
      cp * cr,
    ],
  };
}

/** A vector of the earth as the body sees it: by the transposed matrix. */
function toBody(matrix: readonly number[], [x, y, z]: Vector): Vector {
  const column = (i: number): number => (matrix[i] ?? 0) * x + (matrix[i + 3] ?? 0) * y + (matrix[i + 6] ?? 0) * z;
  return [column(0), column(1), column(2)];
}
