/** Entry of the pose worker: real edges around the loop. The window speaks to it as `api.ts` says. */
import { systemClock } from '../../src/lib/timers.ts';
import type { PoseOrder } from './api.ts';
import { createBrightness } from './brightness.ts';
import { openRuntime } from './landmarker.ts';
import { PoseLoop } from './pose-loop.ts';

const loop = new PoseLoop({
  clock: systemClock,
  openRuntime,
  brightness: createBrightness(),
  post: (answer) => postMessage(answer),
});

addEventListener('message', ({ data }: MessageEvent<PoseOrder>) => loop.handle(data));
