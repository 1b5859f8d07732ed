import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coarsened } from '../../../../src/device/phone/coarse.ts';
import { geolocationSource, type PositionLike } from '../../../../src/device/phone/geolocation.ts';
import type { LocationDetail } from '../../../../src/device/phone/phone-types.ts';
import { readPlace } from '../../../../src/model/payloads.ts';
import type { Json } from '../../../../src/model/block.ts';
import { ok } from '../../../../src/model/result.ts';
import { hearing } from './support.ts';

const NOW = 1_700_000_000_000;
const ZURICH = { latitude: 47.376887, longitude: 8.541694, accuracy: 12, altitude: 408, speed: null, heading: NaN };

/** A fake of the browser's geolocation: the test says what it finds. */
function rig(change: { detail?: LocationDetail; permission?: string; secure?: boolean } = {}) {
  const cleared: number[] = [];
  let found: (position: PositionLike) => void = () => undefined;
  let failed: (error: { code: number; message: string }) => void = () => undefined;
  let detail = change.detail ?? 'exact';
  const source = geolocationSource({
    geolocation: {
      watchPosition(success, failure, options) {
        expect(options).toMatchObject({ enableHighAccuracy: true, maximumAge: 0 });
        found = success;
        failed = failure;
        return 7;
      },
      clearWatch: (id) => void cleared.push(id),
    },
    permission: () => Promise.resolve(change.permission),
    secure: change.secure ?? true,
    now: () => NOW,
    detail: () => detail,
  });
  const heard = hearing();
  const ending = new AbortController();
  return {
    source,
    heard,
    ending,
    cleared,
    start: () => source.start(heard, ending.signal),
    find: (coords: Partial<PositionLike['coords']>, timestamp = NOW - 2000) =>
      found({ timestamp, coords: { ...ZURICH, ...coords } }),
    fail: (code: number) => failed({ code, message: 'fake' }),
    setDetail: (next: LocationDetail) => (detail = next),
  };
}

describe('geolocation', () => {
  it('gives what is known, at the time of the fix', async () => {
    const { start, find, heard } = rig();
    const started = start();
    find({});
    expect(await started).toEqual(ok(undefined));
    expect(heard.payloads('geolocation')).toEqual([
      { latitude: 47.376887, longitude: 8.541694, accuracy: 12, altitude: 408, status: 'high_accuracy' },
    ]);
    expect(heard.times('geolocation')).toEqual([NOW - 2000]);
    find({ accuracy: 51, speed: 1.5, heading: 90 }, NOW + 60_000);
    expect(heard.payloads('geolocation')[1]).toMatchObject({ status: 'low_accuracy', speed: 1.5, heading: 90 });
    expect(heard.times('geolocation')[1]).toBe(NOW);
  });

  it('does not repeat a fix that is told again', () => {
    const { start, find, heard } = rig();
    void start();
    find({});
    find({});
    find({}, NOW - 1000);
    expect(heard.all).toHaveLength(2);
  });

  it('a refusal ends it, before or after the first place', async () => {
    const before = rig();
    const started = before.start();
    before.fail(1);
    expect(await started).toMatchObject({ ok: false, error: { code: 'source-permission' } });
    const after = rig();
    void after.start();
    after.find({});
    after.fail(1);
    expect(after.heard.troubles).toMatchObject([{ code: 'source-permission' }]);
  });

  it.each([2, 3])('no place (%d) is trouble until there is one', async (code) => {
    const { start, fail, find, heard } = rig();
    const started = start();
    fail(code);
    expect(await started).toEqual(ok(undefined));
    expect(heard.troubles).toMatchObject([{ code: 'source-no-place' }]);
    find({});
    find({}, NOW);
    expect(heard.troubles).toHaveLength(2);
    expect(heard.troubles[1]).toBeUndefined();
  });

  it('never yields coordinates that are none', () => {
    const { start, find, heard } = rig();
    void start();
    find({ latitude: NaN });
    expect(heard.all).toEqual([]);
    expect(heard.troubles).toMatchObject([{ code: 'source-no-place' }]);
  });

  it('ends: no watch, no answer that hangs, no word after', async () => {
    const { start, find, fail, ending, cleared, heard } = rig();
    const started = start();
    ending.abort();
    expect(await started).toEqual(ok(undefined));
    expect(cleared).toEqual([7]);
    find({});
    fail(2);
    expect([heard.all, heard.troubles]).toEqual([[], []]);
  });

  it('gives a square without height, speed and direction, from the next place on', () => {
    const { start, find, heard, setDetail } = rig();
    void start();
    find({ speed: 2, heading: 10 });
    setDetail('1 km');
    find({ speed: 2, heading: 10 }, NOW);
    const [, square] = heard.payloads('geolocation');
    expect(Object.keys(square as object).sort()).toEqual(['accuracy', 'latitude', 'longitude', 'status']);
    expect(square).toMatchObject({ status: 'low_accuracy' });
    expect(readPlace(square as Json)?.accuracy).toBeGreaterThan(700);
  });

  it.each([
    [{ secure: false }, 'source-insecure'],
    [{ permission: 'denied' }, 'source-permission'],
  ])('says beforehand why not: %o', async (change, code) => {
    expect(await rig(change).source.support()).toMatchObject({ error: { code } });
  });

  it('where there is none', async () => {
    const edges = {
      geolocation: undefined,
      permission: () => Promise.resolve(undefined),
      secure: true,
      now: () => NOW,
    };
    const source = geolocationSource({ ...edges, detail: () => 'exact' });
    expect(await source.support()).toMatchObject({ error: { code: 'source-unsupported' } });
    expect(await source.start(hearing(), new AbortController().signal)).toMatchObject({ ok: false });
    expect(await rig().source.support()).toEqual(ok(undefined));
  });
});

/** Metres between two places: haversine on a sphere. */
function metres(a: { latitude: number; longitude: number }, b: { latitude: number; longitude: number }): number {
  const rad = Math.PI / 180;
  const [dLat, dLon] = [(b.latitude - a.latitude) * rad, (b.longitude - a.longitude) * rad];
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * 6_371_009 * Math.asin(Math.min(1, Math.sqrt(h)));
}

describe('a coarse place', () => {
  const place = fc.record({
    latitude: fc.double({ min: -89, max: 89, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    accuracy: fc.double({ min: 0, max: 5000, noNaN: true }),
  });

  it('is exact where that is wanted', () => {
    expect(coarsened(ZURICH, 'exact')).toBe(ZURICH);
  });

  it('is honest: the true place lies within its accuracy, and it is on the earth', () => {
    fc.assert(
      fc.property(place, fc.constantFrom<LocationDetail>('100 m', '1 km'), (exact, detail) => {
        const coarse = coarsened(exact, detail);
        expect(metres(exact, coarse)).toBeLessThanOrEqual((coarse.accuracy - exact.accuracy) * 1.02);
        expect(Math.abs(coarse.latitude)).toBeLessThanOrEqual(90);
        expect(Math.abs(coarse.longitude)).toBeLessThanOrEqual(180);
      }),
    );
  });

  it('is the same for everybody in the square', () => {
    const corner = coarsened(ZURICH, '1 km');
    const near = coarsened(
      { ...ZURICH, latitude: corner.latitude + 0.001, longitude: corner.longitude - 0.001 },
      '1 km',
    );
    expect(near).toEqual(corner);
    expect(coarsened({ ...ZURICH, latitude: corner.latitude + 0.01 }, '1 km')).not.toEqual(corner);
  });

  it('says nothing more of the accuracy than a tenth of the square', () => {
    expect(coarsened(ZURICH, '1 km').accuracy % 100).toBe(0);
    expect(coarsened(ZURICH, '100 m').accuracy).toBe(90);
  });
});
