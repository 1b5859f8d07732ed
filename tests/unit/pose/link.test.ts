import { describe, expect, it } from 'vitest';
import type { DeviceLink } from '../../../src/app/device-origin.ts';
import { appError } from '../../../src/model/errors.ts';
import { fail } from '../../../src/model/result.ts';
import { turns } from '../../support/manual-clock.ts';
import { OPTIONS, REPORT } from './capture-support.ts';
import { HIGH, linkRig as rig } from './link-support.ts';

describe('a pose link', () => {
  it('is what the list of devices holds', () => {
    const link: DeviceLink = rig().link;
    expect(link.state).toEqual({ at: 'idle' });
    expect(link.subscriptions).toBe(0);
  });

  it('asks for the camera, loads, and is live', async () => {
    const { link, view, shop, states, filmed, devices } = rig();
    link.follow(HIGH);
    link.start();
    expect(view().stage).toEqual({ at: 'starting' });
    await turns();
    expect(devices.live).toBe(1);
    expect(view().stage).toEqual({ at: 'starting' });
    expect(view().preview).toBeDefined();
    shop.worker.ready();
    expect(view().stage).toEqual({ at: 'running' });
    await filmed(2);
    // A start takes the first frame at once.
    expect(shop.worker.of('frame')).toHaveLength(60);
    expect(states).toEqual([{ at: 'connecting', attempt: 1 }, { at: 'live' }]);
  });

  it('says that the person is asked', async () => {
    const { link, view, devices } = rig();
    let answer = (): void => undefined;
    devices.gate = new Promise((resolve) => (answer = resolve));
    link.start();
    await turns();
    expect(view().stage).toEqual({ at: 'camera' });
    answer();
    await turns();
    expect(view().stage).toEqual({ at: 'starting' });
  });

  it('does not ask for a camera without a model', async () => {
    const { link, view, devices, states } = rig({ setup: () => Promise.resolve(fail(appError('pose-model-missing'))) });
    link.start();
    await turns();
    expect(devices.asked).toEqual([]);
    expect(view().stage).toEqual({ at: 'trouble', error: { code: 'pose-model-missing' } });
    expect(states.at(-1)).toEqual({ at: 'lost', error: { code: 'pose-model-missing' } });
  });

  it('survives a file that cannot be fetched', async () => {
    const { link } = rig({ setup: () => Promise.reject(new Error('404')) });
    link.start();
    await turns();
    expect(link.state).toMatchObject({ at: 'lost', error: { code: 'unexpected' } });
  });

  it('that may not have the camera ends the worker, and asks again when the person tries again', async () => {
    const { link, devices, shop, clock } = rig();
    devices.refuse = 'NotAllowedError';
    link.start();
    await clock.advance(600);
    expect(link.state).toMatchObject({ at: 'lost', error: { code: 'camera-permission' } });
    expect(shop.worker.isTerminated).toBe(true);
    devices.refuse = undefined;
    link.retry();
    await turns();
    shop.worker.ready();
    expect(link.state).toEqual({ at: 'live' });
  });

  it('is stale when nothing is finished for three seconds, and live again with the next frame', async () => {
    const { link, live, clock, filmed, states } = rig();
    await live();
    await filmed(1);
    const last = clock.now();
    await clock.advance(4100);
    expect(link.state).toEqual({ at: 'stale', since: last });
    await filmed(1.1);
    expect(states.slice(1).map(({ at }) => at)).toEqual(['live', 'stale', 'live']);
  });

  it('with a picture of nobody is live', async () => {
    const { link, live, shop, filmed } = rig();
    await live();
    for (let i = 0; i < 5; i += 1) {
      await filmed(1);
      shop.worker.answer({ type: 'report', report: { ...REPORT, persons: 0, condition: 'no-person' } });
    }
    expect(link.state).toEqual({ at: 'live' });
  });

  it('stopped: every track is stopped at once, the worker soon, nothing is left', async () => {
    const { link, live, filmed, devices, shop, clock, videos, frames, view } = rig();
    await live();
    await filmed(1);
    link.stop();
    expect(devices.live).toBe(0);
    expect(link.state).toEqual({ at: 'idle' });
    expect(view()).toMatchObject({ stage: { at: 'off' }, preview: undefined, report: undefined, wantedFps: 0 });
    await clock.advance(600);
    await link.ended;
    expect(shop.worker.isTerminated).toBe(true);
    expect(videos.every(({ srcObject, waiting }) => srcObject === null && waiting === 0)).toBe(true);
    expect(frames.every((frame) => frame.isSettled)).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  it('stopped while the person is asked leaves no camera on', async () => {
    const { link, devices } = rig();
    let answer = (): void => undefined;
    devices.gate = new Promise((resolve) => (answer = resolve));
    link.start();
    await turns();
    link.stop();
    answer();
    await turns();
    expect(devices.tracks).toHaveLength(1);
    expect(devices.live).toBe(0);
    expect(link.state).toEqual({ at: 'idle' });
  });

  it('leaves the camera on for a call that shares it', async () => {
    const { link, live, cameras, devices } = rig();
    await live();
    const { signal } = new AbortController();
    const shared = await cameras.open({ width: 640, height: 480 }, () => undefined, signal);
    expect(shared.ok && shared.value.stream).toBe(link.view.get().preview);
    link.stop();
    expect(devices.live).toBe(1);
    if (shared.ok) shared.value.release();
    expect(devices.live).toBe(0);
  });

  it('is forgotten, takes no commands, and starts again', async () => {
    const { link, live, clock, devices } = rig();
    await live();
    const forgotten = link.forget();
    expect(link.state).toEqual({ at: 'forgotten' });
    expect(devices.live).toBe(0);
    await clock.advance(600);
    await forgotten;
    link.setPreviewed(true);
    expect(link.state).toEqual({ at: 'forgotten' });
    expect(await link.command({} as never)).toMatchObject({ error: { code: 'command-unsupported' } });
    link.start();
    await turns();
    expect(link.state).toEqual({ at: 'connecting', attempt: 1 });
  });
});

describe('a camera that is lost', () => {
  it('unplugged or forbidden: given up with everything off, until somebody tries again', async () => {
    const { link, live, devices, shop, clock, view } = rig();
    await live();
    devices.tracks[0]?.fire('ended');
    expect(link.state).toMatchObject({ at: 'lost', error: { code: 'camera-lost' } });
    expect(view()).toMatchObject({ stage: { at: 'trouble' }, preview: undefined });
    await clock.advance(600);
    expect(shop.worker.isTerminated).toBe(true);
    link.retry();
    await turns();
    shop.worker.ready();
    expect(link.state).toEqual({ at: 'live' });
    expect(devices.live).toBe(1);
  });

  it('used elsewhere: said, and well again by itself', async () => {
    const { link, live, devices, shop, filmed } = rig();
    await live();
    devices.tracks[0]?.fire('mute');
    expect(link.state).toMatchObject({ at: 'lost', error: { code: 'camera-busy' } });
    devices.tracks[0]?.fire('unmute');
    expect(link.state).toEqual({ at: 'live' });
    await filmed(0.2);
    expect(shop.workers).toHaveLength(1);
    expect(shop.worker.of('frame').length).toBeGreaterThan(3);
  });

  it('that is held back from the start is said when nothing comes', async () => {
    const { link, live, devices, clock, view } = rig();
    devices.shape = (track) => (track.muted = true);
    await live();
    await clock.advance(4000);
    expect(link.state).toMatchObject({ at: 'lost', error: { code: 'camera-busy' } });
    expect(view().stage).toMatchObject({ at: 'trouble', error: { code: 'camera-busy' } });
    // And the person can try again.
    devices.shape = () => undefined;
    link.retry();
    await turns();
    expect(devices.asked).toHaveLength(2);
    expect(devices.live).toBe(1);
  });

  it('while the page is hidden is what some phones do: no trouble, but no frames', async () => {
    const { link, live, devices, page, view, filmed } = rig({}, { openReader: undefined });
    await live();
    await filmed(1);
    page.show(false);
    devices.tracks[0]?.fire('mute');
    expect(view()).toMatchObject({ stage: { at: 'running' }, cap: 'hidden', wantedFps: 0 });
    await filmed(4.1);
    expect(link.state).toMatchObject({ at: 'stale' });
    devices.tracks[0]?.fire('unmute');
    page.show(true);
    await filmed(1);
    expect(link.state).toEqual({ at: 'live' });
    expect(view().cap).toBeUndefined();
  });

  it('is changed for another one while the worker goes on', async () => {
    let id = 'front';
    const { link, live, devices, shop, filmed, view } = rig({ camera: () => ({ id, width: 320, height: 240 }) });
    await live();
    const before = view().preview;
    id = 'back';
    link.changeCamera();
    expect(devices.live).toBe(0);
    expect(view().stage).toEqual({ at: 'camera' });
    await turns();
    expect(devices.tracks.map(({ isLive }) => isLive)).toEqual([false, true]);
    expect(view().preview).not.toBe(before);
    expect(link.state).toEqual({ at: 'live' });
    await filmed(0.2);
    expect(shop.workers).toHaveLength(1);
    expect(shop.worker.of('frame')).toHaveLength(6);
  });
});

describe('a worker that fails', () => {
  it('is replaced on the CPU while the camera stays on; frames go on', async () => {
    const { link, live, shop, filmed, devices, clock, view } = rig();
    await live();
    await filmed(1);
    shop.worker.crash('x');
    expect(view()).toMatchObject({ stage: { at: 'restarting' }, overlaysLost: 0 });
    expect(link.state).toEqual({ at: 'connecting', attempt: 1 });
    await clock.advance(0);
    shop.worker.ready();
    await filmed(1);
    expect(link.state).toEqual({ at: 'live' });
    expect(shop.worker.of('start')).toMatchObject([{ delegate: 'CPU' }]);
    expect(shop.worker.of('frame')).toHaveLength(30);
    expect(devices.asked).toHaveLength(1);
  });

  it('for good: the camera goes off, as nothing is measured', async () => {
    const { link, live, shop, devices, states, view } = rig();
    await live();
    shop.worker.answer({ type: 'failed', error: appError('pose-model-corrupt') });
    expect(devices.live).toBe(0);
    expect(view().stage).toEqual({ at: 'trouble', error: { code: 'pose-model-corrupt' } });
    expect(states.map(({ at }) => at)).toEqual(['connecting', 'live', 'lost']);
    expect(link.state).toMatchObject({ at: 'lost' });
  });
});

describe('the rate of a pose link', () => {
  it('follows the server; paused is silent, and live', async () => {
    const { link, live, shop, filmed, view, states } = rig();
    await live();
    link.follow({ attention: 'low', loadMultiplier: 1, paused: false });
    expect(view()).toMatchObject({ wantedFps: 5, cap: 'attention' });
    await filmed(10);
    expect(Math.abs(shop.worker.of('frame').length - 50)).toBeLessThanOrEqual(2);
    expect(shop.worker.of('frame').at(-1)?.wantedFps).toBe(5);
    link.follow({ ...HIGH, paused: true });
    const before = shop.worker.of('frame').length;
    await filmed(5);
    expect(shop.worker.of('frame')).toHaveLength(before);
    expect(view()).toMatchObject({ wantedFps: 0, cap: 'paused' });
    link.follow(HIGH);
    await filmed(1);
    expect(states.map(({ at }) => at)).toEqual(['connecting', 'live']);
  });

  it('is higher while the person looks, unless the battery is low', async () => {
    const { link, live, view, device, page } = rig();
    await live();
    link.follow({ attention: 'none', loadMultiplier: 1, paused: false });
    expect(view().wantedFps).toBe(2);
    link.setPreviewed(true);
    expect(view().wantedFps).toBe(15);
    page.show(false);
    expect(view().wantedFps).toBe(2);
    page.show(true);
    device({ battery: { level: 0.1, charging: false } });
    expect(view()).toMatchObject({ wantedFps: 10, cap: 'battery' });
    device({ saveData: true });
    expect(view()).toMatchObject({ wantedFps: 10, cap: 'saver' });
  });

  it('falls when the device gets hot', async () => {
    const { live, view, shop, clock } = rig();
    await live();
    const report = async (seconds: number, fps: number, work: number): Promise<void> => {
      for (let i = 0; i < seconds * 4; i += 1) {
        await clock.advance(250);
        shop.worker.answer({ type: 'report', report: { ...REPORT, fps, work } });
      }
    };
    await report(61, 30, 10);
    await report(11, 18, 20);
    expect(view()).toMatchObject({ wantedFps: 12, cap: 'heat' });
  });

  it('goes on in a hidden page where tracks can be read', async () => {
    const { live, page, filmed, shop, link } = rig();
    await live();
    page.show(false);
    await filmed(5);
    expect(shop.worker.of('frame').length).toBeGreaterThan(145);
    expect(link.state).toEqual({ at: 'live' });
  });
});

describe('options and overlay', () => {
  it('reach the worker', async () => {
    const { live, link, shop } = rig();
    await live();
    const canvas = {} as OffscreenCanvas;
    link.setOptions({ ...OPTIONS, persons: 2 });
    link.showOverlay(canvas);
    link.sizeOverlay(10, 20);
    expect(shop.worker.orders.slice(-3)).toMatchObject([
      { type: 'options', options: { persons: 2 } },
      { type: 'overlay', canvas },
      { type: 'overlay-size', width: 10, height: 20 },
    ]);
    link.stop();
    expect(link.view.get().overlaysLost).toBe(1);
  });

  it('a face model that does not work shows', async () => {
    const { live, link, shop } = rig();
    await live();
    shop.worker.answer({ type: 'face-failed', error: appError('pose-model-corrupt') });
    expect(link.view.get().faceError).toEqual({ code: 'pose-model-corrupt' });
  });
});
