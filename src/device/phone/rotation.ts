/** Rotations of a device against the earth: x to the east, y to the north, z up. Pure. */

/** w, x, y, z; of unit length. Turns the device's axes into the earth's. */
export type Quaternion = readonly [w: number, x: number, y: number, z: number];

const HALF_RADIANS = Math.PI / 360;
const DEGREES = 180 / Math.PI;

/** A direction that leans less on the ground than this says nothing. */
const LEAST_LEAN = 0.2;

/**
 * The rotation that the angles of a `deviceorientation` event stand for: alpha about z, then beta about the new x, then
 * gamma about the newest y (Device Orientation, W3C, section on the Z-X'-Y'' convention).
 * @param alpha beta, gamma: degrees
 */
export function quaternionOf(alpha: number, beta: number, gamma: number): Quaternion {
  const [cz, sz] = [Math.cos(alpha * HALF_RADIANS), Math.sin(alpha * HALF_RADIANS)];
  const [cx, sx] = [Math.cos(beta * HALF_RADIANS), Math.sin(beta * HALF_RADIANS)];
  const [cy, sy] = [Math.cos(gamma * HALF_RADIANS), Math.sin(gamma * HALF_RADIANS)];
  return [
    cz * cx * cy - sz * sx * sy,
    cz * sx * cy - sz * cx * sy,
    cz * cx * sy + sz * sx * cy,
    cz * sx * sy + sz * cx * cy,
  ];
}

/** The same rotation at unit length; undefined if it is none. */
export function normalised([w, x, y, z]: Quaternion): Quaternion | undefined {
  const length = Math.hypot(w, x, y, z);
  if (!Number.isFinite(length) || length < 1e-6) return undefined;
  return [w / length, x / length, y / length, z / length];
}

/**
 * Where the device points, degrees clockwise from north, 0 ≤ heading < 360: the direction half-way between its top edge
 * and its back. So it is the same for a phone lying flat, held up, and anywhere between. Undefined where that direction
 * points nearly straight up or down.
 */
export function headingOf([w, x, y, z]: Quaternion): number | undefined {
  // Second column of the rotation matrix less the third: the earth's view of the device's y − z.
  const east = 2 * (x * y - w * z) - 2 * (x * z + w * y);
  const north = 1 - 2 * (x * x + z * z) - 2 * (y * z - w * x);
  if (Math.hypot(east, north) < LEAST_LEAN) return undefined;
  return toCircle(Math.atan2(east, north) * DEGREES);
}

/** The same angle from 0 up to, but not including, 360. */
export function toCircle(degrees: number): number {
  const turned = ((degrees % 360) + 360) % 360;
  return turned === 360 ? 0 : turned;
}
