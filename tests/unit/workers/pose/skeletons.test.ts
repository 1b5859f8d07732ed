import { describe, expect, it } from 'vitest';
import { SKELETON_RING } from '../../../../src/model/pose.ts';
import { LANDMARK } from '../../../../src/model/skeleton.ts';
import { confidenceOf, isWhole, skeletonReadings, skeletonRegistrations } from '../../../../workers/pose/skeletons.ts';
import { bodyAt } from './bodies.ts';

const TIME = 1_700_000_000_000.25;
const PICTURE = { time: TIME, aspect: 480 / 640 };

describe('skeletons', () => {
  it('go out as one sample per person, rounded, at the time of the picture', () => {
    const persons = [1, 3].map((number) => ({ number, body: bodyAt(0.123456, 0.5) }));
    const readings = skeletonReadings(persons, PICTURE, false);
    expect(readings.map(({ attribute }) => attribute)).toEqual(['skeleton', 'skeleton_3']);
    for (const { payloads, timing } of readings) {
      expect(timing).toEqual({ kind: 'host', times: Float64Array.of(TIME) });
      const [payload] = payloads as [{ mode: string; aspect: number; landmarks: { x: number }[] }];
      expect(Object.keys(payload)).toEqual(['mode', 'aspect', 'landmarks']);
      expect([payload.mode, payload.aspect]).toEqual(['full', 0.75]);
      expect(payload.landmarks).toHaveLength(33);
      expect(payload.landmarks[LANDMARK.leftHip]).toEqual({ x: 0.173, y: 0.5, z: 0, v: 0.9 });
    }
    expect(skeletonRegistrations(persons, 15, true)).toEqual([
      { attribute: 'skeleton', attributeType: 'skeleton', samplingRate: 15 },
      { attribute: 'skeleton_3', attributeType: 'skeleton', samplingRate: 15 },
    ]);
    expect(skeletonRegistrations(persons, 15, false).map(({ ring }) => ring)).toEqual([SKELETON_RING, SKELETON_RING]);
  });

  it('carry metres when they are wanted and there', () => {
    const body = bodyAt(0.5, 0.5);
    const payloadOf = (person: typeof body) =>
      skeletonReadings([{ number: 1, body: person }], PICTURE, true)[0]?.payloads[0];
    expect(payloadOf(body)).toHaveProperty('worldLandmarks.length', 33);
    expect(payloadOf(body)).toHaveProperty(`worldLandmarks.${String(LANDMARK.leftHip)}`, { x: 0.05, y: 0, z: 0 });
    expect(payloadOf({ ...body, world: [] })).not.toHaveProperty('worldLandmarks');
  });

  it('are as sure as shoulders and hips are seen', () => {
    const body = bodyAt(0.5, 0.5, 0.8);
    expect(confidenceOf(body)).toBeCloseTo(0.8);
    const hipless = body.landmarks.map((landmark, i) => (i === 23 || i === 24 ? { ...landmark, v: 0.2 } : landmark));
    expect(confidenceOf({ ...body, landmarks: hipless })).toBeCloseTo(0.5);
    expect(confidenceOf({ ...body, landmarks: [] })).toBe(0);
  });

  it('are whole with 33 landmarks of numbers', () => {
    const body = bodyAt(0.5, 0.5);
    expect(isWhole(body)).toBe(true);
    expect(isWhole({ ...body, world: [] })).toBe(true);
    expect(isWhole({ ...body, landmarks: body.landmarks.slice(1) })).toBe(false);
    expect(isWhole({ ...body, world: body.world.slice(1) })).toBe(false);
    for (const broken of [{ x: NaN }, { y: Infinity }, { z: NaN }, { v: NaN }]) {
      expect(
        isWhole({ ...body, landmarks: body.landmarks.map((one, i) => (i === 9 ? { ...one, ...broken } : one)) }),
      ).toBe(false);
    }
    expect(isWhole({ ...body, world: body.world.map((one, i) => (i === 9 ? { ...one, z: NaN } : one)) })).toBe(false);
  });
});
