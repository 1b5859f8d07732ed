import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orientationSource } from '../../../../src/device/phone/orientation.ts';
import {
  headingOf,
  normalised,
  quaternionOf,
  toCircle,
  type Quaternion,
} from '../../../../src/device/phone/rotation.ts';
import { ok } from '../../../../src/model/result.ts';
import { settle } from '../support/time.ts';
import { fakeClass, hearing, motionRig } from './support.ts';

const HALF = Math.SQRT1_2;
const angle = fc.double({ min: -720, max: 720, noNaN: true });

/** A device's vector in the earth's axes, by the rotation matrix of the specification (Z-X'-Y''). */
function turned(alpha: number, beta: number, gamma: number, [x, y, z]: readonly [number, number, number]) {
  const rad = Math.PI / 180;
  const [cz, sz] = [Math.cos(alpha * rad), Math.sin(alpha * rad)];
  const [cx, sx] = [Math.cos(beta * rad), Math.sin(beta * rad)];
  const [cy, sy] = [Math.cos(gamma * rad), Math.sin(gamma * rad)];
  const [x1, y1, z1] = [cy * x + sy * z, y, -sy * x + cy * z];
  const [x2, y2, z2] = [x1, cx * y1 - sx * z1, sx * y1 + cx * z1];
  return [cz * x2 - sz * y2, sz * x2 + cz * y2, z2];
}

/** The same by a quaternion. */
function rotated([w, x, y, z]: Quaternion, [a, b, c]: readonly [number, number, number]) {
  const [tx, ty, tz] = [2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)];
  return [a + w * tx + y * tz - z * ty, b + w * ty + z * tx - x * tz, c + w * tz + x * ty - y * tx];
}

describe('rotations', () => {
  it.each<[number, number, number, Quaternion]>([
    [0, 0, 0, [1, 0, 0, 0]],
    [90, 0, 0, [HALF, 0, 0, HALF]],
    [0, 90, 0, [HALF, HALF, 0, 0]],
    [0, 0, 90, [HALF, 0, HALF, 0]],
    [180, 0, 0, [0, 0, 0, 1]],
    [90, 90, 0, [0.5, 0.5, 0.5, 0.5]],
  ])('alpha %d, beta %d, gamma %d', (alpha, beta, gamma, expected) => {
    quaternionOf(alpha, beta, gamma).forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 12));
  });

  it('have unit length, and turn vectors as the matrix of the specification does', () => {
    fc.assert(
      fc.property(angle, angle, angle, (alpha, beta, gamma) => {
        const q = quaternionOf(alpha, beta, gamma);
        expect(Math.hypot(...q)).toBeCloseTo(1, 9);
        for (const vector of [
          [1, 0, 0],
          [0, 1, 0],
          [0.2, -3, 7],
        ] as const) {
          const expected = turned(alpha, beta, gamma, vector);
          rotated(q, vector).forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 8));
        }
      }),
    );
  });

  it.each([
    ['flat, top to the north', 0, 0, 0, 0],
    ['flat, top to the west', 90, 0, 0, 270],
    ['flat, top to the east', 270, 0, 0, 90],
    ['held up, back to the south', 180, 90, 0, 180],
    ['half-way up, facing east', 270, 45, 0, 90],
  ])('heading: %s', (_name, alpha, beta, gamma, heading) => {
    expect(headingOf(quaternionOf(alpha, beta, gamma))).toBeCloseTo(heading, 6);
  });

  it('have no heading where the phone points straight up or down', () => {
    expect(headingOf(quaternionOf(30, 135, 0))).toBeUndefined();
    expect(headingOf(quaternionOf(30, -45, 0))).toBeUndefined();
  });

  it('have headings on the circle, and none that is no number', () => {
    fc.assert(
      fc.property(angle, angle, angle, (alpha, beta, gamma) => {
        const heading = headingOf(quaternionOf(alpha, beta, gamma));
        if (heading === undefined) return;
        expect(heading).toBeGreaterThanOrEqual(0);
        expect(heading).toBeLessThan(360);
      }),
    );
    expect(toCircle(-1e-15)).toBe(0);
    expect(normalised([0, 0, 0, 0])).toBeUndefined();
    expect(normalised([NaN, 0, 0, 1])).toBeUndefined();
    expect(normalised([2, 0, 0, 0])).toEqual([1, 0, 0, 0]);
  });
});

describe('orientation', () => {
  it('from the sensor with a compass: x, y, z, w become w, x, y, z and a heading', async () => {
    const rig = motionRig();
    const absolute = fakeClass();
    const source = orientationSource(rig.edges({ classes: { AbsoluteOrientationSensor: absolute.Class } }));
    const heard = hearing();
    const started = source.start(heard, new AbortController().signal);
    absolute.made[0]?.read({ quaternion: [0, 0, HALF, HALF] }, rig.monotonic());
    expect(await started).toEqual(ok(undefined));
    expect(heard.rows('quaternion')).toEqual([[...Float32Array.of(HALF, 0, 0, HALF)]]);
    expect(heard.rows('heading')[0]?.[0]).toBeCloseTo(270, 3);
  });

  it('without a compass: the other sensor, and no heading', async () => {
    const rig = motionRig();
    const [absolute, relative] = [fakeClass(), fakeClass()];
    const classes = { AbsoluteOrientationSensor: absolute.Class, RelativeOrientationSensor: relative.Class };
    const heard = hearing();
    const started = orientationSource(rig.edges({ classes })).start(heard, new AbortController().signal);
    absolute.made[0]?.fail('NotReadableError');
    await settle();
    relative.made[0]?.read({ quaternion: [0, 0, 0, 1] }, rig.monotonic());
    expect(await started).toEqual(ok(undefined));
    expect(heard.rows('quaternion')).toEqual([[1, 0, 0, 0]]);
    expect(heard.of('heading')).toEqual([]);
    expect(heard.troubles).toEqual([]);
  });

  it('refused for both is said', async () => {
    const classes = { RelativeOrientationSensor: fakeClass('SecurityError').Class };
    const started = orientationSource(motionRig().edges({ classes })).start(hearing(), new AbortController().signal);
    expect(await started).toMatchObject({ error: { code: 'source-permission' } });
  });

  async function fromEvents(change = {}) {
    const rig = motionRig();
    const heard = hearing();
    const ending = new AbortController();
    const started = await orientationSource(rig.edges(change)).start(heard, ending.signal);
    return { ...rig, heard, ending, started };
  }

  it.each([
    ['counted from north', { absolute: true }, 270],
    ['counted from anywhere', { absolute: false }, undefined],
    ['of WebKit', { webkitCompassHeading: 123, webkitCompassAccuracy: 10 }, 123],
    ['of WebKit, not known', { webkitCompassHeading: 0, webkitCompassAccuracy: -1 }, undefined],
  ])('from events %s', async (_name, facts, heading) => {
    const { events, heard, monotonic } = await fromEvents();
    events.fire('deviceorientation', { alpha: 90, beta: 0, gamma: 0, ...facts }, monotonic());
    expect(heard.rows('quaternion')).toEqual([[...Float32Array.of(HALF, 0, 0, HALF)]]);
    const found = heard.rows('heading')[0]?.[0];
    if (heading === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(heading, 4);
  });

  it('says ten headings a second at most', async () => {
    const { events, heard, monotonic, time } = await fromEvents();
    for (let i = 0; i < 60; i++) {
      await time.advance(1000 / 60);
      events.fire('deviceorientation', { alpha: i, beta: 0, gamma: 0, absolute: true }, monotonic());
    }
    expect(heard.of('quaternion')).toHaveLength(60);
    expect(heard.of('heading').length).toBeLessThanOrEqual(11);
    expect(heard.of('heading').length).toBeGreaterThanOrEqual(8);
  });

  it('says where it points when a turn ends, with the time it came there, and nothing after the end', async () => {
    const { events, heard, monotonic, time, ending } = await fromEvents();
    const turn = async (...angles: readonly number[]): Promise<void> => {
      for (const alpha of angles) {
        await time.advance(20);
        events.fire('deviceorientation', { alpha, beta: 0, gamma: 0, absolute: true }, monotonic());
      }
    };
    const headings = (): readonly number[] => heard.rows('heading').map(([heading = NaN]) => Math.round(heading));
    await turn(350, 340, 330);
    const rested = time.now();
    expect(headings()).toEqual([10]);
    await time.advance(1000);
    expect(headings()).toEqual([10, 30]);
    expect(heard.of('heading').at(-1)).toMatchObject({ timing: { times: Float64Array.of(rested) } });
    await turn(320, 310);
    ending.abort();
    await time.advance(1000);
    expect(headings()).toEqual([10, 30, 40]);
  });

  it('events without values are trouble, a phone at rest is none; nothing stays on', async () => {
    const { events, heard, monotonic, time, ending } = await fromEvents();
    events.fire('deviceorientation', { alpha: null, beta: null, gamma: null }, monotonic());
    await time.advance(3100);
    expect(heard.troubles).toMatchObject([{ code: 'source-empty' }]);
    events.fire('deviceorientation', { alpha: 1, beta: 1, gamma: 1 }, monotonic());
    await time.advance(30_000);
    expect(heard.troubles).toHaveLength(2);
    ending.abort();
    expect(events.listeners).toBe(0);
    expect(time.pending()).toBe(0);
  });

  it('is refused when the person says no', async () => {
    const { started } = await fromEvents({ ask: () => Promise.resolve('denied') });
    expect(started).toMatchObject({ error: { code: 'source-permission' } });
  });
});
