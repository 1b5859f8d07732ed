/** From what the runtime found to what is sent: who is sure enough, and the readings of each person. */
import { SKELETON_RING } from '../../src/model/pose.ts';
import type { StructuredReading } from '../../src/model/reading.ts';
import type { AttributeRegistration } from '../../src/model/sensor.ts';
import { LANDMARK, LANDMARK_COUNT, skeletonPayload } from '../../src/model/skeleton.ts';
import type { Person } from './persons.ts';
import type { Body, BodyPoint } from './ports.ts';

const CORE = [LANDMARK.leftShoulder, LANDMARK.rightShoulder, LANDMARK.leftHip, LANDMARK.rightHip] as const;

/** Shoulders and hips. */
export function core({ landmarks }: Body): BodyPoint[] {
  return CORE.flatMap((index) => landmarks[index] ?? []);
}

/** Mean visibility of shoulders and hips, 0–1. */
export function confidenceOf(body: Body): number {
  const points = core(body);
  return points.length === 0 ? 0 : points.reduce((sum, { v }) => sum + v, 0) / points.length;
}

/** Has all landmarks, and nothing in it that is no number. */
export function isWhole({ landmarks, world }: Body): boolean {
  const finite = (...values: readonly number[]): boolean => values.every(Number.isFinite);
  return (
    landmarks.length === LANDMARK_COUNT &&
    landmarks.every(({ x, y, z, v }) => finite(x, y, z, v)) &&
    (world.length === LANDMARK_COUNT || world.length === 0) &&
    world.every(({ x, y, z }) => finite(x, y, z))
  );
}

/** `skeleton`; `skeleton_2` … for the others. */
function skeletonAttribute(number: number): string {
  return number === 1 ? 'skeleton' : `skeleton_${String(number)}`;
}

/**
 * One sample for each person.
 * @param picture when it was taken, Unix ms, and its width by its height
 * @param world with landmarks in metres
 */
export function skeletonReadings(
  persons: readonly Person[],
  { time, aspect }: { readonly time: number; readonly aspect: number },
  world: boolean,
): StructuredReading[] {
  return persons.map(({ number, body }) => ({
    kind: 'structured',
    attribute: skeletonAttribute(number),
    payloads: [skeletonPayload(body.landmarks, aspect, world && body.world.length > 0 ? body.world : undefined)],
    timing: { kind: 'host', times: Float64Array.of(time) },
  }));
}

/**
 * @param rate pictures a second that are wanted
 * @param record every one is kept until the server has it; else only the newest
 */
export function skeletonRegistrations(
  persons: readonly Person[],
  rate: number,
  record: boolean,
): AttributeRegistration[] {
  return persons.map(({ number }) => ({
    attribute: skeletonAttribute(number),
    attributeType: 'skeleton',
    samplingRate: rate,
    ...(!record && { ring: SKELETON_RING }),
  }));
}
