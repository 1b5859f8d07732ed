/** Somebody before a camera, as the pose model sees them: what pose capture sends, without a camera. */
import { SKELETON_RING } from '../../../model/pose.ts';
import { skeletonPayload, USUAL_ASPECT } from '../../../model/skeleton.ts';
import { createFigure } from '../signals/figure.ts';
import { SIMULATOR, type ScriptModel } from './script-model.ts';

/** Frames a second, and in a delivery: scripts have fifteen turns a second. */
const RATE = 30;
const BATCH = 2;
const ATTRIBUTE = 'skeleton';

export function createMovingPerson(seed: number): ScriptModel {
  const pose = createFigure(seed);
  return {
    sensorType: SIMULATOR,
    plans: [
      {
        kind: ATTRIBUTE,
        attributes: [{ attribute: ATTRIBUTE, attributeType: ATTRIBUTE, samplingRate: RATE, ring: SKELETON_RING }],
        period: (1000 * BATCH) / RATE,
        make(at, arrival) {
          const behind = Array.from({ length: BATCH }, (_, i) => (BATCH - 1 - i) / RATE);
          const payloads = behind.map((seconds) => skeletonPayload(pose(at - seconds).landmarks, USUAL_ASPECT));
          const times = Float64Array.from(behind, (seconds) => arrival - 1000 * seconds);
          return [{ kind: 'structured', attribute: ATTRIBUTE, payloads, timing: { kind: 'host', times } }];
        },
      },
    ],
  };
}
