/** What a person has set about pose capture: kept, checked when read, and applied to what runs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultSettings,
  mergeSettings,
  optionsOf,
  readSettings,
  writeSettings,
} from '../../../src/app/pose-settings.ts';
import { fail, ok } from '../../../src/model/result.ts';
import { PUBLISHED } from '../../../src/pose/model-source.ts';
import { settle, setUp } from './pose-set-up.ts';

const DEFAULTS = defaultSettings(PUBLISHED);

function edge(text?: string) {
  const kept = { text };
  return { kept, read: () => kept.text, write: (next: string) => void (kept.text = next) };
}

describe('kept settings', () => {
  it('come back as they were', () => {
    const store = edge();
    const mine = mergeSettings(DEFAULTS, {
      ...{ model: 'heavy', size: 'large', cameraId: 'back', mirror: false, persons: 3, confidence: 0.25 },
      ...{ world: true, smoothing: true, face: true, record: true, addresses: { full: '/models/full.task' } },
    });
    writeSettings(store, mine, DEFAULTS);
    expect(readSettings(store, DEFAULTS)).toEqual(mine);
    expect(mine.addresses).toEqual({ ...PUBLISHED, full: '/models/full.task' });
    expect(store.kept.text).not.toContain(PUBLISHED.lite);
  });

  it.each([undefined, '', '[', 'null', '7', '"x"', '[]', '{"persons":99,"size":"huge","addresses":3,"mirror":"yes"}'])(
    'are the defaults where %s was kept',
    (text) => {
      expect(readSettings(edge(text), DEFAULTS)).toEqual(DEFAULTS);
    },
  );

  it('are usable whatever was kept', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { persons, confidence, model, size, cameraId, addresses } = readSettings(
          edge(JSON.stringify(value)),
          DEFAULTS,
        );
        expect([1, 2, 3, 4]).toContain(persons);
        expect(confidence >= 0 && confidence <= 1).toBe(true);
        expect(['lite', 'full', 'heavy']).toContain(model);
        expect(['small', 'medium', 'large']).toContain(size);
        expect(cameraId).not.toBe('');
        expect(Object.values(addresses).every((address) => address.length > 0)).toBe(true);
      }),
    );
  });

  it('ask for smoothing of one person only, and for eyes only with their model', () => {
    const wants = mergeSettings(DEFAULTS, { smoothing: true, face: true });
    expect(optionsOf(wants, true)).toMatchObject({ smoothing: true, face: true, record: false });
    expect(optionsOf({ ...wants, persons: 2 }, false)).toMatchObject({ smoothing: false, face: false });
  });
});

describe('a change', () => {
  it('is kept, and takes effect at once', async () => {
    const { pose, started, shop, cameras, stored, make } = setUp();
    await started();
    expect(await pose.setPose({ persons: 2, record: true })).toEqual(ok(undefined));
    expect(shop.worker.of('options').at(-1)?.options).toMatchObject({ persons: 2, record: true });
    expect(shop.workers).toHaveLength(1);
    await pose.setPose({ cameraId: 'back', size: 'small' });
    await settle();
    expect(cameras.asked.at(-1)).toMatchObject({ video: { deviceId: { exact: 'back' }, width: { ideal: 320 } } });
    expect(cameras.live).toBe(1);
    await pose.setPose({ cameraId: undefined });
    expect(JSON.parse(stored.text ?? '')).toMatchObject({ persons: 2, size: 'small' });
    expect(make().pose.get().settings).toEqual(pose.pose.get().settings);
  });

  it('of the model starts anew with it, unless it is not here', async () => {
    const { pose, started, shop, keep, now } = setUp();
    await started();
    expect(await pose.setPose({ model: 'full' })).toMatchObject(fail({ code: 'pose-model-missing' }));
    expect(now()).toMatchObject({ stage: { at: 'running' }, settings: { model: 'lite' } });
    keep('full', 'x');
    await pose.openPose();
    await pose.setPose({ model: 'full' });
    await settle();
    expect(shop.workers).toHaveLength(2);
    expect(await shop.worker.of('start')[0]?.model.text()).toBe('full');
  });

  it('of the model before the start needs no file yet', async () => {
    const { pose, now } = setUp({ here: false });
    expect(await pose.setPose({ model: 'heavy' })).toEqual(ok(undefined));
    expect(now().settings.model).toBe('heavy');
  });

  it('to an address that nothing can be fetched from is refused', async () => {
    const { pose, now, stored } = setUp();
    for (const lite of ['ftp://x/y', 'http://elsewhere.example/x.task', 'x', 'https://a:b@c.example/']) {
      const addresses = { ...now().settings.addresses, lite };
      expect(await pose.setPose({ addresses })).toMatchObject(fail({ code: 'pose-model-address' }));
    }
    expect(stored.text).toBeUndefined();
    const addresses = { ...now().settings.addresses, lite: '/own/lite.task' };
    expect(await pose.setPose({ addresses })).toEqual(ok(undefined));
    expect(now().models[0]).toMatchObject({ address: '/own/lite.task', stranger: undefined });
  });

  it('to eyes needs their model, and hands it to the worker', async () => {
    const { pose, started, shop, keep, now } = setUp();
    await started();
    expect(await pose.setPose({ face: true })).toMatchObject(fail({ code: 'pose-model-missing' }));
    expect(now().settings.face).toBe(false);
    keep('face', 'face.task');
    expect(await pose.setPose({ face: true })).toEqual(ok(undefined));
    const told = shop.worker.of('options').at(-1);
    expect(told?.options.face).toBe(true);
    expect(await told?.faceModel?.text()).toBe('face');
    await pose.setPose({ mirror: false });
    expect(shop.worker.of('options').at(-1)?.options).toMatchObject({ face: true, mirror: false });
    await pose.removeModel('face');
    expect(now().settings.face).toBe(false);
    expect(shop.worker.of('options').at(-1)?.options.face).toBe(false);
  });
});
