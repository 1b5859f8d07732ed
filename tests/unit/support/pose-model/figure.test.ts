import { describe, expect, it } from 'vitest';
import { LANDMARK, LANDMARK_COUNT } from '../../../../src/model/skeleton.ts';
import {
  closedBy,
  CLOSING,
  EYES,
  expectedEyes,
  FACE_POINTS,
  facePoints,
  HALF_FACE,
} from '../../../support/pose-model/face-figure.ts';
import { expectedBody, white } from '../../../support/pose-model/figure.ts';

const VGA = { width: 640, height: 480 };

describe('the figure of the body model', () => {
  it('stands on a white disc', () => {
    const { landmarks, world } = expectedBody(white({ x: 320, y: 240 }), VGA);
    expect(landmarks).toHaveLength(LANDMARK_COUNT);
    const at = (index: number) => landmarks[index] ?? { x: NaN, y: NaN };
    const hips = [at(LANDMARK.leftHip), at(LANDMARK.rightHip)];
    expect(((hips[0]?.x ?? 0) + (hips[1]?.x ?? 0)) / 2).toBeCloseTo(0.5, 9);
    expect(at(LANDMARK.nose).y).toBeCloseTo((240 - 0.3 * 640) / 480, 9);
    expect(at(LANDMARK.leftWrist).x).toBeCloseTo(0.6, 9);
    expect(at(LANDMARK.rightShoulder).x).toBeCloseTo(0.43, 9);
    expect(world[LANDMARK.nose]).toEqual({ x: 0, y: -0.3 * 2.7, z: -0.08 * 2.7 });
  });

  it('has a hand go with its light, and the elbow half the way', () => {
    const before = expectedBody(white({ x: 320, y: 240 }), VGA);
    const lights = { ...white({ x: 320, y: 240 }), green: { x: 384, y: 240 } };
    const moved = expectedBody(lights, VGA);
    const way = (index: number): number => (moved.landmarks[index]?.x ?? NaN) - (before.landmarks[index]?.x ?? NaN);
    expect(way(LANDMARK.leftWrist)).toBeCloseTo(0.1, 9);
    expect(way(LANDMARK.leftElbow)).toBeCloseTo(0.05, 9);
    expect(way(LANDMARK.leftShoulder)).toBe(0);
    expect(way(LANDMARK.rightWrist)).toBe(0);
    expect((moved.world[LANDMARK.leftWrist]?.x ?? 0) - (before.world[LANDMARK.leftWrist]?.x ?? 0)).toBeCloseTo(0.27, 9);
  });
});

describe('the face of the face model', () => {
  it('has its points in the same box, whatever the eyes do, so that the region of the next frame stays', () => {
    const points = facePoints();
    expect(points).toHaveLength(FACE_POINTS);
    for (const axis of ['x', 'y'] as const) {
      const values = points.map((point) => point[axis]);
      expect(Math.max(...values)).toBeCloseTo(HALF_FACE, 12);
      expect(Math.min(...values)).toBeCloseTo(-HALF_FACE, 12);
    }
    const level = [EYES.left.outer, EYES.right.outer].map((index) => points[index]?.y);
    expect(level[0]).toBe(level[1]);
  });

  it('opens lids most in the middle', () => {
    const points = facePoints();
    const gaps = EYES.left.lower.map((index) => points[index]?.gap ?? NaN);
    expect(Math.max(...gaps)).toBe(gaps[3]);
    expect(points[EYES.left.upper[3]]?.gap).toBe(-(gaps[3] ?? NaN));
  });

  it('looks where the light is, and closes eyes by the area of a disc', () => {
    const open = { left: 0, right: 0 };
    expect(expectedEyes({ x: 480, y: 240 }, VGA, open)).toMatchObject({
      eyeLookOutLeft: 0.5,
      eyeLookInRight: 0.5,
      eyeLookInLeft: 0,
      eyeLookUpLeft: 0,
      eyeBlinkLeft: 0,
    });
    expect(expectedEyes({ x: 320, y: 400 }, VGA, { left: 1, right: 0 })).toMatchObject({
      eyeLookDownLeft: 0.5,
      eyeLookDownRight: 0.5,
      eyeBlinkLeft: 1,
      eyeBlinkRight: 0,
    });
    const halfClosed = Math.sqrt((0.5 * CLOSING * 640 * 640) / 0.75 / Math.PI);
    expect(closedBy({ x: 0, y: 0, radius: halfClosed }, VGA)).toBeCloseTo(0.5, 9);
    expect(closedBy({ x: 0, y: 0, radius: 60 }, VGA)).toBe(1);
  });
});
