/** A pose link over fakes of camera, frames and worker. */
import type { LinkState } from '../../../src/model/link.ts';
import { ok } from '../../../src/model/result.ts';
import { Cameras } from '../../../src/pose/camera.ts';
import type { FrameEdges } from '../../../src/pose/frames.ts';
import { PoseLink, type DeviceFacts, type PoseLinkDeps } from '../../../src/pose/link.ts';
import { turns } from '../../support/manual-clock.ts';
import { FakeDevices, frameRig, setup, workshop } from './capture-support.ts';

export const HIGH = { attention: 'high', loadMultiplier: 1, paused: false } as const;

/** @param change replaces parts of the link; @param frameEdges of the frames */
export function linkRig(change: Partial<PoseLinkDeps> = {}, frameEdges: Partial<FrameEdges> = {}) {
  const frames = frameRig(frameEdges);
  const { clock } = frames;
  const devices = new FakeDevices();
  const cameras = new Cameras(devices.edges());
  const shop = workshop();
  const states: LinkState[] = [];
  let tellDevice = (_facts: DeviceFacts): void => undefined;
  const link = new PoseLink({
    ...{ makeWorker: shop.makeWorker, openOutput: shop.openOutput, clock, random: () => 0.5, cameras },
    frames: frames.edges,
    setup: () => Promise.resolve(ok(setup())),
    camera: () => ({ width: 640, height: 480 }),
    watchDevice: (onChange) => (tellDevice = onChange),
    onState: (state) => states.push(state),
    ...change,
  });
  return {
    ...frames,
    ...{ devices, cameras, shop, states, link },
    view: () => link.view.get(),
    device: (facts: Partial<DeviceFacts>) => tellDevice({ battery: undefined, saveData: false, ...facts }),
    /** A link that looks at frames, 30 a second. */
    async live(): Promise<void> {
      link.follow(HIGH);
      link.start();
      await turns();
      shop.worker.ready();
    },
    /** A camera with 30 frames a second, and a worker that is quicker. */
    async filmed(seconds: number): Promise<void> {
      let answered = shop.workers.at(-1)?.of('frame').length ?? 0;
      for (let i = 0; i < seconds * 30; i += 1) {
        await clock.advance(1000 / 30);
        frames.film();
        await turns();
        const sent = shop.workers.at(-1)?.of('frame').length ?? 0;
        if (sent > answered) shop.worker.done();
        answered = sent;
      }
    },
  };
}
