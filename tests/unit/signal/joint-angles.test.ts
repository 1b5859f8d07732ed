import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JOINTS } from '../../../src/model/pose.ts';
import { LANDMARK, LANDMARK_COUNT, type Landmark, type WorldLandmark } from '../../../src/model/skeleton.ts';
import { jointAngles } from '../../../src/signal/joint-angles.ts';

type Place = readonly [x: number, y: number, z?: number];

/** Landmarks at these places, all others hidden. */
function figure(places: Partial<Record<keyof typeof LANDMARK, Place>>): Landmark[] {
  const landmarks: Landmark[] = Array.from({ length: LANDMARK_COUNT }, () => ({ x: 0, y: 0, z: 0, v: 0 }));
  for (const [name, [x, y, z = 0]] of Object.entries(places)) {
    landmarks[LANDMARK[name as keyof typeof LANDMARK]] = { x, y, z, v: 1 };
  }
  return landmarks;
}

const worldOf = (landmarks: readonly Landmark[]): WorldLandmark[] =>
  landmarks.map(({ x, y, z }) => ({ x, y, z: z ?? 0 }));

describe('joint angles', () => {
  it.each([
    ['a stretched arm', { leftShoulder: [0, 0], leftElbow: [0.3, 0], leftWrist: [0.6, 0] }, 'leftElbow', 180],
    [
      'an arm bent at a right angle',
      { leftShoulder: [0, 0], leftElbow: [0.3, 0], leftWrist: [0.3, -0.2] },
      'leftElbow',
      90,
    ],
    ['a folded arm', { rightShoulder: [0, 0], rightElbow: [0.3, 0], rightWrist: [0.1, 0] }, 'rightElbow', 0],
    ['an arm that hangs', { rightElbow: [0, 0.3], rightShoulder: [0, 0], rightHip: [0, 0.5] }, 'rightShoulder', 0],
    ['an arm held sideways', { leftElbow: [0.3, 0], leftShoulder: [0, 0], leftHip: [0, 0.5] }, 'leftShoulder', 90],
    ['sitting', { leftShoulder: [0, 0], leftHip: [0, 0.5], leftKnee: [0.4, 0.5] }, 'leftHip', 90],
    ['a knee at 135°', { rightHip: [0, 0], rightKnee: [0, 0.4], rightAnkle: [0.2, 0.6] }, 'rightKnee', 135],
  ] as const)('%s', (_, places, joint, degrees) => {
    const landmarks = figure(places);
    const angles = jointAngles(landmarks, undefined, 1);
    expect(Object.keys(angles)).toEqual([joint]);
    expect(angles[joint]).toBeCloseTo(degrees, 4);
    expect(jointAngles(landmarks, worldOf(landmarks), 1)[joint]).toBeCloseTo(degrees, 4);
  });

  it('are true in space: a forearm that points at the camera', () => {
    const landmarks = figure({ leftShoulder: [0, 0], leftElbow: [0.3, 0], leftWrist: [0.4, 0] });
    const world = worldOf(figure({ leftShoulder: [0, 0], leftElbow: [0.3, 0], leftWrist: [0.3, 0, -0.25] }));
    expect(jointAngles(landmarks, world, 1).leftElbow).toBeCloseTo(90, 4);
    expect(jointAngles(landmarks, undefined, 1).leftElbow).toBeCloseTo(180, 4);
    // An empty list is none.
    expect(jointAngles(landmarks, [], 1).leftElbow).toBeCloseTo(180, 4);
  });

  it('know that a wide picture is wider than high', () => {
    // On the screen of 2 : 1 both limbs are equally long and at 45° to the edge.
    const landmarks = figure({ leftShoulder: [0, 0], leftElbow: [0.1, 0.2], leftWrist: [0.2, 0] });
    expect(jointAngles(landmarks, undefined, 2).leftElbow).toBeCloseTo(90, 4);
  });

  it('are not said of what is hidden, has no length or is no number', () => {
    const places = { leftShoulder: [0, 0], leftElbow: [0.3, 0], leftWrist: [0.6, 0] } as const;
    const hidden = figure(places).map((landmark, i) =>
      i === LANDMARK.leftWrist ? { ...landmark, v: 0.29 } : landmark,
    );
    expect(jointAngles(hidden, undefined, 1)).toEqual({});
    const unsaid = figure(places).map((landmark, i) =>
      i === LANDMARK.leftWrist ? { ...landmark, v: undefined } : landmark,
    );
    expect(jointAngles(unsaid, undefined, 1).leftElbow).toBeCloseTo(180, 4);
    expect(jointAngles(figure({ ...places, leftWrist: places.leftElbow }), undefined, 1)).toEqual({});
    expect(jointAngles(figure({ ...places, leftWrist: [NaN, 0] }), undefined, 1)).toEqual({});
    expect(jointAngles([], undefined, 1)).toEqual({});
  });

  it('lie between 0 and 180 whatever comes', () => {
    const coordinate = fc.double({ min: -5, max: 5, noNaN: true });
    const landmark = fc.record({ x: coordinate, y: coordinate, z: coordinate, v: fc.constant(1) });
    const people = fc.array(landmark, { minLength: LANDMARK_COUNT, maxLength: LANDMARK_COUNT });
    fc.assert(
      fc.property(people, fc.boolean(), (landmarks, inSpace) => {
        const angles = jointAngles(landmarks, inSpace ? worldOf(landmarks) : undefined, 4 / 3);
        for (const joint of JOINTS) {
          const angle = angles[joint];
          if (angle !== undefined) expect(angle >= 0 && angle <= 180).toBe(true);
        }
      }),
    );
  });
});
