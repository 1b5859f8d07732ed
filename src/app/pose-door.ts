/** The way to pose capture: fetched when its screen is opened. */
import { ok } from '../model/result.ts';
import type { SensoctoApp } from './api.ts';
import { fetchOnce } from './fetch-once.ts';
import type { PoseActions } from './pose-api.ts';

export function createPoseDoor(load: () => Promise<PoseActions>): Pick<SensoctoApp, 'loadPose'> {
  const withPose = fetchOnce(load);
  return { loadPose: () => withPose(ok) };
}
