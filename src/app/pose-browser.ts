/** Pose capture with the browser's own camera, storage and workers. */
import { systemClock } from '../lib/timers.ts';
import { browserCameraEdges, browserFrameEdges, makePoseWorker, watchDevice } from '../pose/browser.ts';
import { Cameras } from '../pose/camera.ts';
import { ModelStore } from '../pose/models.ts';
import { RuntimeStore } from '../pose/runtime.ts';
import { Pose, type PoseDeps } from './pose.ts';
import type { SettingsEdge } from './pose-settings.ts';

const SETTINGS_KEY = 'sensocto.pose';

export function createBrowserPose({ devices, feed }: Pick<PoseDeps, 'devices' | 'feed'>): Pose {
  const { caches, crypto }: { readonly caches?: CacheStorage; readonly crypto: { readonly subtle?: SubtleCrypto } } =
    globalThis;
  const fetcher: typeof fetch = (...request) => fetch(...request);
  const files = { caches, fetch: fetcher, subtle: crypto.subtle };
  return new Pose({
    devices,
    feed,
    cameras: new Cameras(browserCameraEdges()),
    models: new ModelStore({ ...files, origin: location.origin }),
    runtime: new RuntimeStore(files),
    frames: browserFrameEdges(),
    makeWorker: makePoseWorker,
    watchDevice,
    settings: keptIn(() => localStorage),
    clock: systemClock,
    random: () => Math.random(),
    origin: location.origin,
  });
}

/** `open` is called at each use, as merely touching `localStorage` can throw. */
function keptIn(open: () => Storage): SettingsEdge {
  return {
    read() {
      try {
        return open().getItem(SETTINGS_KEY) ?? undefined;
      } catch {
        // Refused here: the same as nothing kept.
        return undefined;
      }
    },
    write(text) {
      try {
        open().setItem(SETTINGS_KEY, text);
      } catch {
        // Refused or full: settings last as long as the page.
        return;
      }
    },
  };
}
