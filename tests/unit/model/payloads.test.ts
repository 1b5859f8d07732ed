/** Every shape of a fact that the platform's clients really send. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/model/block.ts';
import { knownTypes } from '../../../src/model/attribute-types.ts';
import {
  numbersOf,
  readBattery,
  readPlace,
  readSkeleton,
  skeletonShape,
  wordsOf,
} from '../../../src/model/payloads.ts';

describe('numbers of a payload', () => {
  it.each<[string, Json, Record<string, number>]>([
    ['heartrate', 72.4, { '': 72.4 }],
    ['heartrate', { bpm: 72 }, { '': 72 }],
    ['temperature', { value: 21.5 }, { '': 21.5 }],
    ['battery', 87, { '': 87 }],
    ['battery', { level: 87, charging: 'no' }, { '': 87 }],
    ['eye_blink', { value: true }, {}],
    ['eye_worn', true, { '': 1 }],
    ['hrv', { rmssd: 42.1, sdnn: 63 }, { rmssd: 42.1, sdnn: 63 }],
    ['hrv', 42.1, { '': 42.1 }],
    ['accelerometer', { x: 1, y: -2, z: 9.8 }, { x: 1, y: -2, z: 9.8 }],
    ['air_quality', { eCO2: 600, TVOC: 25 }, { eco2: 600, tvoc: 25 }],
    ['color', { red: 10, green: 20, blue: 30, clear: 40 }, { r: 10, g: 20, b: 30, clear: 40 }],
    ['microphone', { value: -30 }, { level: -30 }],
    ['geolocation', { status: 'acquiring', latitude: null, longitude: null, accuracy: null }, {}],
    [
      'geolocation',
      { latitude: 47.37, longitude: 8.54, accuracy: 12.3 },
      { latitude: 47.37, longitude: 8.54, accuracy: 12.3 },
    ],
    [
      'imu',
      { accelerometer: { x: 1, y: 2, z: 3 }, gyroscope: { x: 4, y: 5, z: 6 } },
      {
        ...{ 'accelerometer.x': 1, 'accelerometer.y': 2, 'accelerometer.z': 3 },
        ...{ 'gyroscope.x': 4, 'gyroscope.y': 5, 'gyroscope.z': 6 },
      },
    ],
    ['imu', { acc: { x: 1, y: 2, z: 3 } }, { 'accelerometer.x': 1, 'accelerometer.y': 2, 'accelerometer.z': 3 }],
    [
      'imu',
      '1706000000000,0.012,-0.103,9.801,NaN,NaN,NaN,1.000,0.000,0.000,0.000',
      { 'accelerometer.x': 0.012, 'accelerometer.y': -0.103, 'accelerometer.z': 9.801 },
    ],
    ['imu', 'not a csv', {}],
    ['skeleton', { landmarks: [] }, {}],
    ['made_up', { value: 3 }, { '': 3 }],
    ['made_up', { left: 3, note: 'x' }, { left: 3 }],
    ['made_up', 'words', {}],
    ['ecg', null, {}],
  ])('%s %j', (type, payload, numbers) => {
    expect(numbersOf(type, payload)).toEqual(numbers);
  });

  it('are numbers, whatever comes', () => {
    const types = fc.constantFrom(...knownTypes().map(({ type }) => type), 'made_up');
    fc.assert(
      fc.property(types, fc.jsonValue(), (type, payload) =>
        Object.values(numbersOf(type, payload as Json)).every(Number.isFinite),
      ),
    );
  });
});

describe('a battery', () => {
  it.each<[Json, ReturnType<typeof readBattery>]>([
    [87, { level: 87, charging: undefined }],
    [
      { level: 87, charging: 'yes' },
      { level: 87, charging: true },
    ],
    [
      { level: 87, charging: 'no' },
      { level: 87, charging: false },
    ],
    [
      { level: 87.5, charging: true },
      { level: 87.5, charging: true },
    ],
    [{ level: 87 }, { level: 87, charging: undefined }],
    [
      { level: 87, charging: 'maybe' },
      { level: 87, charging: undefined },
    ],
    [{ level: 187 }, undefined],
    ['full', undefined],
    [null, undefined],
  ])('%j', (payload, battery) => {
    expect(readBattery(payload)).toEqual(battery);
  });
});

describe('a place', () => {
  it('is one only once it is known', () => {
    expect(readPlace({ latitude: null, longitude: null, accuracy: null })).toBeUndefined();
    expect(readPlace({ latitude: 0, longitude: 0 })).toMatchObject({ latitude: 0, longitude: 0, accuracy: undefined });
    expect(readPlace({ latitude: 47.37, longitude: 8.54, accuracy: 12.3, altitude: null, speed: 1.5 })).toEqual({
      latitude: 47.37,
      longitude: 8.54,
      accuracy: 12.3,
      altitude: undefined,
      speed: 1.5,
      heading: undefined,
    });
    expect(readPlace({ latitude: 91, longitude: 0 })).toBeUndefined();
  });
});

describe('a skeleton', () => {
  const landmark = { x: 0.5, y: 0.115, z: -0.2, v: 0.99 };

  it('comes as an object or as text, with or without proportions, depth and visibility', () => {
    expect(readSkeleton({ mode: 'full', aspect: 0.75, landmarks: [landmark] })).toEqual({
      mode: 'full',
      aspect: 0.75,
      landmarks: [landmark],
    });
    expect(readSkeleton(JSON.stringify({ mode: 'face', landmarks: [landmark] }))?.mode).toBe('face');
    expect(readSkeleton({ landmarks: [{ x: 0.1, y: 0.2 }] })).toEqual({
      mode: 'full',
      aspect: undefined,
      landmarks: [{ x: 0.1, y: 0.2, z: undefined, v: undefined }],
    });
  });

  it('is drawn as usual where its proportions are not said, or cannot be', () => {
    expect(skeletonShape({ aspect: 0.75, landmarks: [{ x: 0.5, y: 0.25 }] })).toEqual({
      aspect: 0.75,
      points: Float32Array.of(0.5, 0.25, NaN, NaN),
    });
    for (const aspect of [undefined, 0, -1, 1000, '4:3', null]) {
      expect(skeletonShape({ aspect, landmarks: [] } as unknown as Json)?.aspect).toBeCloseTo(4 / 3);
    }
  });

  it('is none otherwise', () => {
    for (const payload of ['{', '[]', 7, null, { landmarks: [{ x: 'a' }] }, {}]) {
      expect(readSkeleton(payload as Json)).toBeUndefined();
    }
  });
});

describe('words of a payload', () => {
  it('are the text, or the field that holds it', () => {
    expect(wordsOf('resting')).toBe('resting');
    expect(wordsOf({ title: 'A song', artist: 'Somebody' })).toBe('A song');
    expect(wordsOf({ value: 3 })).toBeUndefined();
    expect(wordsOf(['a'])).toBeUndefined();
  });
});
