/** What is given up first when there is no room: the heavier and the easier to measure again, the sooner. */

/** 0 is given up last: 0 markers, 1 heart beats, 2 waveforms and everything unknown, 3 motion, 4 pose. */
export type Priority = 0 | 1 | 2 | 3 | 4;

/** Lowest priority first: the order of eviction. */
export const EVICTION_ORDER: readonly Priority[] = [4, 3, 2, 1, 0];

const OF_TYPE: ReadonlyMap<string, Priority> = new Map<string, Priority>([
  ['marker', 0],
  ['button', 0],
  ['buttons', 0],
  ['event', 0],
  ['heartrate', 1],
  ['heart_rate', 1],
  ['hr', 1],
  ['pp_interval', 1],
  ['rr', 1],
  ['rr_interval', 1],
  ['hrv', 1],
  ['imu', 3],
  ['accelerometer', 3],
  ['gyroscope', 3],
  ['magnetometer', 3],
  ['orientation', 3],
  ['motion', 3],
  ['quaternion', 3],
  ['gravity', 3],
  ['euler', 3],
  // Estimates follow from what was measured.
  ['hrv_bands', 4],
  ['heartrate_estimate', 4],
  ['respiration_rate', 4],
  ['signal_quality', 4],
  ['skeleton', 4],
  ['pose', 4],
]);

/** Priority of an attribute type; case does not matter, as on the server. */
export function priorityOf(attributeType: string): Priority {
  return OF_TYPE.get(attributeType.toLowerCase()) ?? 2;
}
