/** Angles of elbows, shoulders, hips and knees from the landmarks of one person. Pure. */
import { JOINTS, type Joint, type JointAngles } from '../model/pose.ts';
import { LANDMARK, VISIBLE, type Landmark, type WorldLandmark } from '../model/skeleton.ts';

/** Each joint between the two landmarks its limbs lead to. */
const ARMS_OF: Readonly<Record<Joint, readonly [from: number, joint: number, to: number]>> = {
  leftElbow: [LANDMARK.leftShoulder, LANDMARK.leftElbow, LANDMARK.leftWrist],
  rightElbow: [LANDMARK.rightShoulder, LANDMARK.rightElbow, LANDMARK.rightWrist],
  leftShoulder: [LANDMARK.leftElbow, LANDMARK.leftShoulder, LANDMARK.leftHip],
  rightShoulder: [LANDMARK.rightElbow, LANDMARK.rightShoulder, LANDMARK.rightHip],
  leftHip: [LANDMARK.leftShoulder, LANDMARK.leftHip, LANDMARK.leftKnee],
  rightHip: [LANDMARK.rightShoulder, LANDMARK.rightHip, LANDMARK.rightKnee],
  leftKnee: [LANDMARK.leftHip, LANDMARK.leftKnee, LANDMARK.leftAnkle],
  rightKnee: [LANDMARK.rightHip, LANDMARK.rightKnee, LANDMARK.rightAnkle],
};

/**
 * Degrees, 0–180; 180: stretched (a shoulder: the arm is up; an arm that hangs is near 0). Joints of which a landmark is not
 * seen are absent.
 * @param landmarks 33, of the picture; say what is seen
 * @param world 33, metres: the true angles in space. Without them they are those seen in the picture, which are smaller or
 *   larger for limbs that point towards the camera
 * @param aspect width of the picture by its height
 */
export function jointAngles(
  landmarks: readonly Landmark[],
  world: readonly WorldLandmark[] | undefined,
  aspect: number,
): JointAngles {
  const place = (index: number): WorldLandmark | undefined => {
    const seen = landmarks[index];
    if (!seen || (seen.v ?? 1) < VISIBLE) return undefined;
    return world && world.length > 0 ? world[index] : { x: seen.x * aspect, y: seen.y, z: 0 };
  };
  const angles: Partial<Record<Joint, number>> = {};
  for (const joint of JOINTS) {
    const [from, middle, to] = ARMS_OF[joint].map(place);
    const angle = from && middle && to && angleBetween(from, middle, to);
    if (angle !== undefined) angles[joint] = angle;
  }
  return angles;
}

/** Degrees at `middle`; undefined when a limb has no length or a place is no number. */
function angleBetween(from: WorldLandmark, middle: WorldLandmark, to: WorldLandmark): number | undefined {
  const a = [from.x - middle.x, from.y - middle.y, from.z - middle.z] as const;
  const b = [to.x - middle.x, to.y - middle.y, to.z - middle.z] as const;
  const lengths = Math.hypot(...a) * Math.hypot(...b);
  const cosine = (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / lengths;
  // Rounding can lead a little past 1.
  const angle = (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
  return lengths > 0 && Number.isFinite(angle) ? angle : undefined;
}
