/** The way to pose capture: fetched when its screen is opened, once. */
import { appError, describeThrown } from '../model/errors.ts';
import { fail, ok } from '../model/result.ts';
import type { SensoctoApp } from './api.ts';
import type { PoseActions } from './pose-api.ts';

export function createPoseDoor(load: () => Promise<PoseActions>): Pick<SensoctoApp, 'loadPose'> {
  let loading: Promise<PoseActions> | undefined;
  return {
    async loadPose() {
      try {
        return ok(await (loading ??= load()));
      } catch (thrown) {
        // Fetched anew the next time.
        loading = undefined;
        return fail(appError('unexpected', describeThrown(thrown)));
      }
    },
  };
}
