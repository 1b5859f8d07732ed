/** Movement by camera: from what is on the device to a card in the list of devices, and back to a camera that is off. */
import { describe, expect, it } from 'vitest';
import { appError } from '../../../src/model/errors.ts';
import { fail, ok } from '../../../src/model/result.ts';
import { PUBLISHED } from '../../../src/pose/model-source.ts';
import { REPORT } from '../pose/capture-support.ts';
import { settle, setUp } from './pose-set-up.ts';

const CARD = { deviceId: 'camera', name: 'Camera', kind: 'camera', demo: false, sensorId: 'sensor-of-camera' };

describe('what is on this device', () => {
  it('is looked at when the screen opens, and nothing is fetched, asked or switched on', async () => {
    const { pose, now, files, cameras } = setUp({ here: false });
    expect(await pose.openPose()).toEqual(ok(undefined));
    expect(now()).toMatchObject({
      stage: { at: 'off' },
      runtime: undefined,
      runtimeAbout: 11_153_641,
      sensorId: undefined,
    });
    expect(now().models.map(({ kind, kept, stranger }) => [kind, kept, stranger])).toEqual(
      ['lite', 'full', 'heavy', 'face'].map((kind) => [kind, undefined, 'storage.googleapis.com']),
    );
    expect(files.asked).toEqual([]);
    expect(cameras.asked).toEqual([]);
  });

  it('does not wait for a server that is silent, and says what it has when it answers', async () => {
    const { pose, now, files, frames, make } = setUp({ here: false });
    void pose;
    let answer = (_offer: typeof files.offer): void => undefined;
    const slow = make();
    Object.assign(files, { offer: new Promise((resolve) => (answer = resolve)) });
    const opening = slow.openPose();
    await settle();
    await frames.clock.advance(2000);
    expect(await opening).toEqual(ok(undefined));
    answer({ models: { full: { bytes: 9_398_198, sha256: 'ab'.repeat(32) } }, origins: [] });
    await settle();
    const full = slow.pose.get().models.find(({ kind }) => kind === 'full');
    expect(full).toMatchObject({ onServer: 9_398_198, stranger: undefined });
    expect(now().models.every(({ onServer }) => onServer === undefined)).toBe(true);
  });

  it('says why there can be no camera', async () => {
    const { pose, cameras } = setUp();
    cameras.refuse = 'NotAllowedError';
    expect(await pose.openPose()).toMatchObject(fail({ code: 'camera-permission' }));
  });
});

describe('downloads', () => {
  it('show how far they are, ten times a second at most, and end on this device', async () => {
    const { pose, now, files, frames } = setUp({ here: false });
    const fetching = pose.fetchModel('lite');
    await settle();
    expect(files.asked).toEqual([`lite ${PUBLISHED.lite}`]);
    expect(now().download).toEqual({ what: 'lite', received: 0, total: undefined });
    files.progress(1000, 5000);
    files.progress(2000, 5000);
    expect(now().download).toEqual({ what: 'lite', received: 1000, total: 5000 });
    await frames.clock.advance(100);
    files.progress(3000, 5000);
    expect(now().download?.received).toBe(3000);
    files.finish();
    expect(await fetching).toEqual(ok(undefined));
    expect(now().download).toBeUndefined();
    expect(now().models[0]?.kept).toMatchObject({ bytes: 100, from: PUBLISHED.lite });
  });

  it('can be cancelled, and what was not fetched is not there', async () => {
    const { pose, now } = setUp({ here: false });
    const fetching = pose.fetchRuntime();
    await settle();
    expect(now().download?.what).toBe('runtime');
    pose.cancelDownload();
    expect(await fetching).toEqual(ok(undefined));
    expect(now()).toMatchObject({ download: undefined, runtime: undefined });
  });

  it('say what failed', async () => {
    const { pose, now, files } = setUp({ here: false });
    files.failNext = fail(appError('pose-model-unreachable', 'HTTP 404'));
    const fetching = pose.fetchModel('full');
    await settle();
    files.finish();
    expect(await fetching).toMatchObject(fail({ code: 'pose-model-unreachable' }));
    expect(now().download).toBeUndefined();
  });

  it('are one at a time: the one asked for last', async () => {
    const { pose, now, files } = setUp({ here: false });
    const first = pose.fetchModel('heavy');
    await settle();
    const second = pose.fetchModel('lite');
    await settle();
    expect(await first).toEqual(ok(undefined));
    expect(now().download?.what).toBe('lite');
    files.finish();
    await second;
    expect(
      now()
        .models.filter(({ kept }) => kept)
        .map(({ kind }) => kind),
    ).toEqual(['lite']);
  });

  it('can be replaced by a file, and removed', async () => {
    const { pose, now } = setUp({ here: false });
    await pose.useModelFile('lite', new File(['x'], 'mine.task'));
    expect(now().models[0]?.kept?.from).toBe('mine.task');
    await pose.removeModel('lite');
    expect(now().models[0]?.kept).toBeUndefined();
  });
});

describe('the camera', () => {
  it('does not start without something to look with: nobody is asked and no sensor is announced', async () => {
    const { pose, keep, files, worker, cameras, now } = setUp({ here: false });
    expect(await pose.startCamera()).toMatchObject(fail({ code: 'pose-model-missing', detail: 'runtime' }));
    files.runtimeBytes = 5;
    keep('full', 'x');
    expect(await pose.startCamera()).toMatchObject(fail({ code: 'pose-model-missing', detail: 'lite' }));
    expect([worker.calls, cameras.asked, files.asked]).toEqual([[], [], []]);
    expect(now().stage.at).toBe('off');
  });

  it('starts as a device with a sensor of its own, whose skeletons go to the sensor worker', async () => {
    const { pose, started, now, devices, worker, fed, shop, cameras } = setUp();
    const starting = started();
    await settle();
    expect(await starting).toEqual(ok(undefined));
    expect(devices.views.get()).toMatchObject([{ ...CARD, link: { at: 'live' } }]);
    expect(devices.isStreaming()).toBe(true);
    expect(worker.calls.slice(0, 2)).toEqual(['remember camera', 'openSensor sensor-of-camera as Camera']);
    expect(worker.known.get('camera')?.sensorType).toBe('pose');
    expect(fed).toEqual(['sensor-of-camera']);
    expect(shop.worker.of('start')[0]).toMatchObject({ delegate: 'GPU', options: { persons: 1, record: false } });
    expect(now()).toMatchObject({ stage: { at: 'running' }, sensorId: 'sensor-of-camera' });
    expect(now().preview).toBeDefined();
    await settle();
    expect(now().cameras).toEqual([{ id: 'front', label: 'Front' }]);
    shop.worker.answer({ type: 'report', report: { ...REPORT, fps: 12 } });
    expect(now().report?.fps).toBe(12);
    void pose.stopCamera();
    expect(cameras.live, 'off at once').toBe(0);
    await settle();
    expect(now()).toMatchObject({ stage: { at: 'off' }, preview: undefined });
    expect(devices.views.get()).toMatchObject([{ link: { at: 'idle' } }]);
    expect(worker.calls).toContain('closeSensor sensor-of-camera');
  });

  it('says what keeps it from starting, and starts when asked again', async () => {
    const { pose, started, now, cameras, devices } = setUp();
    cameras.refuse = 'NotAllowedError';
    expect(await pose.startCamera()).toMatchObject(fail({ code: 'camera-permission' }));
    expect(now().stage).toMatchObject({ at: 'trouble', error: { code: 'camera-permission' } });
    expect(devices.views.get()).toMatchObject([{ link: { at: 'lost' } }]);
    cameras.refuse = undefined;
    expect(await started()).toEqual(ok(undefined));
    expect(now().stage.at).toBe('running');
  });

  it('is stopped, started, renamed and forgotten from its card as from here', async () => {
    const { started, devices, now, cameras, shop } = setUp();
    await started();
    await devices.rename('camera', 'Treadmill');
    expect(devices.views.get()[0]?.name).toBe('Treadmill');
    await devices.stop('camera');
    expect(now().stage.at).toBe('off');
    await devices.reconnect('camera');
    await settle();
    shop.worker.ready();
    expect(now().stage.at).toBe('running');
    const forgetting = devices.forget('camera');
    expect(cameras.live).toBe(0);
    shop.worker.answer({ type: 'stopped' });
    await forgetting;
    expect(now()).toMatchObject({ stage: { at: 'off' }, sensorId: undefined });
    expect(await started()).toEqual(ok(undefined));
    expect(devices.views.get()).toHaveLength(1);
  });

  it('belongs to the tab that started it', async () => {
    const { pose, worker, devices, cameras } = setUp();
    Object.assign(worker, { openSensor: () => Promise.resolve(fail(appError('bluetooth-other-tab'))) });
    expect(await pose.startCamera()).toMatchObject(fail({ code: 'bluetooth-other-tab' }));
    expect(devices.views.get()).toEqual([]);
    expect(cameras.asked).toEqual([]);
  });

  it('does not stay on when nothing would arrive', async () => {
    const { pose, feeding, now, cameras, devices, shop } = setUp();
    feeding.answer = fail(appError('unexpected', 'no such sensor'));
    expect(await pose.startCamera()).toMatchObject(fail({ code: 'unexpected' }));
    expect(now().stage).toMatchObject({ at: 'trouble', error: { code: 'unexpected' } });
    await settle();
    expect(cameras.live).toBe(0);
    feeding.answer = ok(undefined);
    void devices.reconnect('camera');
    await settle();
    shop.worker.ready();
    expect(now().stage.at).toBe('running');
  });

  it('draws where it is told, and asks for a new canvas when the worker is gone', async () => {
    const { pose, started, now, shop } = setUp();
    await started();
    const before = now().canvas;
    pose.showOverlay({} as OffscreenCanvas);
    pose.sizeOverlay(640, 480);
    expect(shop.worker.of('overlay')).toHaveLength(1);
    expect(now().wantedFps, 'somebody looks here').toBe(15);
    shop.worker.crash('boom');
    expect(now().canvas).not.toBe(before);
    pose.showOverlay(undefined);
    expect(now().wantedFps).toBe(2);
  });
});
