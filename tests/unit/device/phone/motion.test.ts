import { describe, expect, it } from 'vitest';
import { motionSource } from '../../../../src/device/phone/motion.ts';
import { ok } from '../../../../src/model/result.ts';
import { settle } from '../support/time.ts';
import { fakeClass, hearing, motionRig } from './support.ts';

const FLAT = { x: 0.1, y: -0.2, z: 9.81 };

describe('motion with the Generic Sensor API', () => {
  async function setUp() {
    const rig = motionRig();
    const accelerometer = fakeClass();
    const gyroscope = fakeClass();
    const source = motionSource(
      rig.edges({ classes: { Accelerometer: accelerometer.Class, Gyroscope: gyroscope.Class } }),
    );
    const heard = hearing();
    const ending = new AbortController();
    const started = source.start(heard, ending.signal);
    await settle();
    return { ...rig, accelerometer, gyroscope, source, heard, ending, started };
  }

  it('yields m/s² with gravity and rad/s, at the time of the reading', async () => {
    const { accelerometer, gyroscope, heard, started, monotonic, time } = await setUp();
    accelerometer.made[0]?.read(FLAT, monotonic() - 12);
    gyroscope.made[0]?.read({ x: 0.5, y: 0, z: -0.25 }, monotonic());
    expect(await started).toEqual(ok(undefined));
    expect(heard.rows('accelerometer')).toEqual([[...Float32Array.of(0.1, -0.2, 9.81)]]);
    expect(heard.rows('gyroscope')).toEqual([[0.5, 0, -0.25]]);
    expect(heard.times('accelerometer')).toEqual([time.now() - 12]);
    expect(heard.of('gyroscope')[0]).toMatchObject({ fields: ['x', 'y', 'z'] });
  });

  it('makes new sensors for another rate, and says it', async () => {
    const { accelerometer, gyroscope, source, heard, monotonic } = await setUp();
    expect(accelerometer.made.map(({ frequency }) => frequency)).toEqual([50]);
    source.setRate?.(10);
    expect(accelerometer.running().map(({ frequency }) => frequency)).toEqual([10]);
    expect(gyroscope.running()).toHaveLength(1);
    expect(source.attributes.map(({ samplingRate }) => samplingRate)).toEqual([10, 10]);
    accelerometer.made[0]?.read(FLAT, monotonic());
    expect(heard.all).toEqual([]);
    accelerometer.made[1]?.read(FLAT, monotonic());
    expect(heard.rows('accelerometer')).toHaveLength(1);
  });

  it('leaves nothing on', async () => {
    const { accelerometer, gyroscope, ending, heard, source, monotonic, time } = await setUp();
    ending.abort();
    source.setRate?.(5);
    expect(accelerometer.running()).toEqual([]);
    expect(gyroscope.made).toHaveLength(1);
    expect(accelerometer.made[0]?.listeners).toBe(0);
    accelerometer.made[0]?.read(FLAT, monotonic());
    expect(heard.all).toEqual([]);
    expect(time.pending()).toBe(0);
  });

  it('started twice runs twice, and each ends by itself', async () => {
    const { accelerometer, source, ending, heard, monotonic } = await setUp();
    const second = hearing();
    const other = new AbortController();
    void source.start(second, other.signal);
    expect(accelerometer.running()).toHaveLength(2);
    ending.abort();
    accelerometer.running()[0]?.read(FLAT, monotonic());
    expect(heard.all).toEqual([]);
    expect(second.all).toHaveLength(1);
    other.abort();
    expect(accelerometer.running()).toEqual([]);
  });

  it.each([
    ['NotAllowedError', 'source-permission'],
    ['NotReadableError', 'source-unsupported'],
    ['OddError', 'source-silent'],
  ])('%s of both sensors is %s', async (name, code) => {
    const { accelerometer, gyroscope, started } = await setUp();
    accelerometer.made[0]?.fail(name);
    gyroscope.made[0]?.fail(name);
    expect(await started).toMatchObject({ ok: false, error: { code } });
  });

  it('works with one of the two', async () => {
    const { accelerometer, gyroscope, started, heard } = await setUp();
    gyroscope.made[0]?.fail('NotReadableError');
    accelerometer.made[0]?.fire('activate');
    expect(await started).toEqual(ok(undefined));
    accelerometer.made[0]?.fail('NotAllowedError');
    expect(heard.troubles).toMatchObject([{ code: 'source-permission' }]);
  });

  it('a browser that says nothing at all is silent, and a class that throws is refused', async () => {
    const { time, started } = await setUp();
    await time.advance(6000);
    expect(await started).toMatchObject({ ok: false, error: { code: 'source-silent' } });
    const { Class } = fakeClass('SecurityError');
    const refused = motionSource(motionRig().edges({ classes: { Accelerometer: Class } }));
    expect(await refused.start(hearing(), new AbortController().signal)).toMatchObject({
      error: { code: 'source-permission' },
    });
  });
});

describe('motion from events', () => {
  async function setUp(change = {}) {
    const rig = motionRig();
    const source = motionSource(rig.edges(change));
    const heard = hearing();
    const ending = new AbortController();
    const started = await source.start(heard, ending.signal);
    /** `count` events of a phone, `step` ms apart. */
    const shake = async (count: number, step: number, facts: object): Promise<void> => {
      for (let i = 0; i < count; i++) {
        await rig.time.advance(step);
        rig.events.fire('devicemotion', facts, rig.monotonic());
      }
    };
    return { ...rig, source, heard, ending, started, shake };
  }

  it('takes °/s for rad/s, with alpha, beta, gamma about x, y, z', async () => {
    const { heard, shake } = await setUp();
    await shake(1, 16, { accelerationIncludingGravity: FLAT, rotationRate: { alpha: 180, beta: 90, gamma: -45 } });
    const [turn = []] = heard.rows('gyroscope');
    expect(turn.map((value) => Math.round(value * 1e4) / 1e4)).toEqual([3.1416, 1.5708, -0.7854]);
    expect(heard.rows('accelerometer')[0]?.[2]).toBeCloseTo(9.81, 5);
  });

  it('turns the sign of WebKit on phones, after it was asked', async () => {
    const { heard, shake } = await setUp({ ask: () => Promise.resolve('granted') });
    await shake(1, 16, { accelerationIncludingGravity: { x: 0, y: 0, z: -9.81 }, rotationRate: null });
    expect(heard.rows('accelerometer')[0]?.[2]).toBeCloseTo(9.81, 5);
    expect(heard.of('gyroscope')).toEqual([]);
  });

  it.each([['denied'], ['throws']])('is refused when the person or the browser says no: %s', async (how) => {
    const ask = () =>
      how === 'throws' ? Promise.reject(new DOMException('no tap', 'NotAllowedError')) : Promise.resolve(how);
    const { started, events, source } = await setUp({ ask });
    expect(started).toMatchObject({ ok: false, error: { code: 'source-permission' } });
    expect(await source.ask?.()).toMatchObject({ ok: false });
    expect(events.listeners).toBe(0);
  });

  it('events without values are told from no events, and values end the trouble', async () => {
    const { heard, shake, time } = await setUp();
    await time.advance(3100);
    expect(heard.troubles).toMatchObject([{ code: 'source-silent' }]);
    // A computer without sensors sends one event of nulls and no more.
    await shake(1, 16, { accelerationIncludingGravity: { x: null, y: null, z: null }, rotationRate: null });
    await time.advance(9000);
    expect(heard.troubles).toMatchObject([{ code: 'source-silent' }, { code: 'source-empty' }]);
    await shake(1, 16, { accelerationIncludingGravity: FLAT });
    expect(heard.troubles.at(-1)).toBeUndefined();
    expect(heard.troubles).toHaveLength(3);
  });

  it('blames nobody while the page is hidden, nor just after', async () => {
    const { heard, page, time } = await setUp();
    page.isVisible = false;
    await time.advance(20_000);
    page.isVisible = true;
    await time.advance(2900);
    expect(heard.troubles).toEqual([]);
    await time.advance(6000);
    expect(heard.troubles).toMatchObject([{ code: 'source-silent' }]);
  });

  it('thins a storm of events to little more than is wanted, averaged', async () => {
    const { heard, shake, source } = await setUp();
    source.setRate?.(10);
    await shake(1000, 1, { accelerationIncludingGravity: FLAT });
    const { length } = heard.of('accelerometer');
    expect(length).toBeGreaterThanOrEqual(9);
    expect(length).toBeLessThanOrEqual(14);
    expect(heard.rows('accelerometer').every((row) => Math.abs((row[2] ?? 0) - 9.81) < 1e-4)).toBe(true);
  });

  it('never yields what is no number', async () => {
    const { heard, shake } = await setUp();
    await shake(2, 16, { accelerationIncludingGravity: { x: NaN, y: 1, z: 2 }, rotationRate: { alpha: Infinity } });
    await shake(1, 16, {});
    expect(heard.all).toEqual([]);
  });

  it('hears nothing after it ended', async () => {
    const { heard, shake, ending, events, time } = await setUp();
    ending.abort();
    await shake(3, 16, { accelerationIncludingGravity: FLAT });
    expect(heard.all).toEqual([]);
    expect(events.listeners).toBe(0);
    expect(time.pending()).toBe(0);
  });
});

describe('whether motion can work', () => {
  it.each([
    [{ secure: false }, 'source-insecure'],
    [{ events: undefined }, 'source-unsupported'],
    [
      { classes: { Accelerometer: fakeClass().Class }, permission: () => Promise.resolve('denied') },
      'source-permission',
    ],
  ])('%#: says why not', async (change, code) => {
    expect(await motionSource(motionRig().edges(change)).support()).toMatchObject({ ok: false, error: { code } });
  });

  it('is yes where there are events', async () => {
    expect(await motionSource(motionRig().edges()).support()).toEqual(ok(undefined));
  });
});
