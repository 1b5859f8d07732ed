import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LiveMessage, LiveSkeleton } from '../../../../workers/sensor/api.ts';
import { DEFAULT_CONNECTOR_NAME, openDevices } from '../../../../workers/sensor/devices.ts';
import { createLiveFeed } from '../../../../workers/sensor/live-feed.ts';
import { liveBuffers } from '../../../../workers/sensor/tabs/live-buffers.ts';
import { createRateMeter } from '../../../../workers/sensor/rate-meter.ts';
import { memorySettings } from '../../../../src/outbox/database.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

describe('live feed', () => {
  function setUp() {
    const clock = createManualClock(0);
    const posts: { at: number; message: LiveMessage }[] = [];
    const skeletons: { at: number; message: LiveSkeleton }[] = [];
    const feed = createLiveFeed(clock, (message) => {
      const at = clock.now();
      if ('kind' in message) skeletons.push({ at, message });
      else posts.push({ at, message });
    });
    return { clock, posts, skeletons, feed };
  }

  it('posts at once after a quiet spell, all of one packet together', async () => {
    const { clock, posts, feed } = setUp();
    await clock.advance(1000);
    feed.add('own', 's1', 'heartrate', [1000], [61]);
    feed.add('own', 's1', 'rr_interval', [100, 1000], [900, 905]);
    await clock.advance(0);
    expect(posts.map(({ at, message }) => [at, message.attribute, [...message.times], [...message.values]])).toEqual([
      [1000, 'heartrate', [1000], [61]],
      [1000, 'rr_interval', [100, 1000], [900, 905]],
    ]);
  });

  it('keeps own and watched, sensors and attributes apart', async () => {
    const { clock, posts, feed } = setUp();
    feed.add('own', 's1', 'heartrate', [1], [61]);
    feed.add('watched', 's1', 'heartrate', [1], [62]);
    feed.add('own', 's2', 'heartrate', [1], [63]);
    await clock.advance(0);
    expect(posts.map(({ message }) => [message.origin, message.sensorId, message.values[0]])).toEqual([
      ['own', 's1', 61],
      ['watched', 's1', 62],
      ['own', 's2', 63],
    ]);
  });

  it('posts at most 20 times a second, and every value once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 80 }), async (waits) => {
        const { clock, posts, feed } = setUp();
        for (const [i, wait] of waits.entries()) {
          await clock.advance(wait);
          feed.add('own', 's1', 'ecg', [clock.now()], [i]);
        }
        await clock.advance(100);
        const at = posts.map((post) => post.at);
        for (let i = 1; i < at.length; i++) expect((at[i] ?? 0) - (at[i - 1] ?? 0)).toBeGreaterThanOrEqual(50);
        expect(posts.flatMap(({ message }) => [...message.values])).toEqual(waits.map((_, i) => i));
        for (const post of posts) expect(post.at - (post.message.times[0] ?? 0)).toBeLessThanOrEqual(50);
      }),
      { numRuns: 40 },
    );
  });
});

describe('live skeletons', () => {
  it('post the newest of each sensor and attribute, at most 20 times a second', async () => {
    const clock = createManualClock(0);
    const posts: [at: number, who: string, time: number, x: number | undefined][] = [];
    const feed = createLiveFeed(clock, (message) => {
      if (!('kind' in message)) return expect.fail('numbers');
      expect(liveBuffers(message)).toEqual([message.points.buffer]);
      const { origin, sensorId, attribute, time, points } = message;
      posts.push([clock.now(), `${origin} ${sensorId} ${attribute}`, time, points[0]]);
    });
    const of = (x: number) => ({ aspect: 4 / 3, points: Float32Array.of(x, 0, 0, 1) });
    for (let frame = 0; frame < 30; frame++) {
      feed.skeleton('own', 's1', 'skeleton', frame, of(frame));
      if (frame === 7) feed.skeleton('own', 's1', 'skeleton_2', frame, of(0.5));
      if (frame === 7) feed.skeleton('watched', 's1', 'skeleton', frame, of(0.25));
      await clock.advance(1000 / 30);
    }
    await clock.advance(100);
    const first = posts.filter(([, who]) => who === 'own s1 skeleton');
    expect(first.length).toBeGreaterThan(10);
    expect(first.length).toBeLessThanOrEqual(21);
    for (const [, , time, x] of first) expect(x).toBe(time);
    expect(first.at(-1)?.[2]).toBe(29);
    expect(posts.filter(([, who]) => who !== 'own s1 skeleton').map(([, ...post]) => post)).toEqual([
      ['own s1 skeleton_2', 7, 0.5],
      ['watched s1 skeleton', 7, 0.25],
    ]);
  });
});

describe('rate meter', () => {
  it('knows nothing before anything came', () => {
    expect(createRateMeter().rate(5000)).toBe(0);
  });

  it('divides by a second at least, then by the time since the first sample, then by ten seconds', () => {
    const meter = createRateMeter();
    meter.add(0, 1);
    expect(meter.rate(0)).toBe(1);
    for (let t = 1000; t <= 4000; t += 1000) meter.add(t, 1);
    expect(meter.rate(4000)).toBeCloseTo(5 / 4);
    for (let t = 5000; t <= 30_000; t += 1000) meter.add(t, 1);
    expect(meter.rate(30_000)).toBeCloseTo(1);
  });

  it('falls to nothing when nothing comes', () => {
    const meter = createRateMeter();
    for (let t = 0; t <= 20_000; t += 1000) meter.add(t, 130);
    const falling = [20_000, 23_000, 26_000, 29_000, 30_000].map((now) => meter.rate(now));
    expect([...falling].sort((a, b) => b - a)).toEqual(falling);
    expect(falling[0]).toBeCloseTo(130);
    expect(falling.at(-1)).toBe(0);
  });

  it('starts anew when cleared', () => {
    const meter = createRateMeter();
    meter.add(0, 100);
    meter.clear();
    expect(meter.rate(1)).toBe(0);
    meter.add(60_000, 2);
    expect(meter.rate(60_000)).toBe(2);
  });
});

describe('devices', () => {
  /** Bytes 1, 2, 3 … or 101, 102 …: another installation. */
  const fillFrom = (first: number) => (target: Uint8Array) => target.forEach((_, i) => (target[i] = first + i));

  it('give a device the same sensor id for ever, and each installation its own', async () => {
    const settings = memorySettings();
    const first = await (await openDevices(settings, fillFrom(1))).remember('device-1', 'Polar');
    const later = await (await openDevices(settings, fillFrom(50))).remember('device-1', 'Polar');
    const elsewhere = await (await openDevices(memorySettings(), fillFrom(100))).remember('device-1', 'Polar');
    const other = await (await openDevices(settings, fillFrom(1))).remember('device-2', 'Polar');
    expect(first.sensorId).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(later).toEqual(first);
    expect(new Set([first.sensorId, elsewhere.sensorId, other.sensorId]).size).toBe(3);
  });

  it('forget a device; seen again, it is the same sensor', async () => {
    const devices = await openDevices(memorySettings(), fillFrom(1));
    const before = await devices.remember('d', 'Polar');
    await devices.rename('d', 'Mine');
    await devices.forget('d');
    expect(await devices.list()).toEqual([]);
    expect(await devices.remember('d', 'Polar')).toEqual(before);
  });

  it('keep a name the wearer gave; otherwise the name follows the device', async () => {
    const devices = await openDevices(memorySettings(), fillFrom(1));
    await devices.remember('d', 'Unknown device');
    expect(await devices.remember('d', 'Polar H10')).toMatchObject({ name: 'Polar H10', deviceName: 'Polar H10' });
    await devices.rename('d', '  Mine ');
    expect(await devices.remember('d', 'Polar H10 1234')).toMatchObject({ name: 'Mine', deviceName: 'Polar H10 1234' });
    await devices.rename('d', '  ');
    expect((await devices.list())[0]?.name).toBe('Polar H10 1234');
  });

  it('say so when a device to rename is not known', async () => {
    const devices = await openDevices(memorySettings(), fillFrom(1));
    expect(await devices.rename('d', 'x')).toEqual({ ok: false, error: { code: 'bluetooth-device-forgotten' } });
  });

  it('keep the connector’s name, counted in bytes', async () => {
    const settings = memorySettings();
    const devices = await openDevices(settings, fillFrom(1));
    expect(devices.connector()).toEqual({ connectorId: '0102030405060708', connectorName: DEFAULT_CONNECTOR_NAME });
    expect(await devices.setConnectorName(' Tablet 7 ')).toEqual({ ok: true, value: undefined });
    expect((await openDevices(settings, fillFrom(9))).connector().connectorName).toBe('Tablet 7');
    for (const bad of ['', '   ', 'x'.repeat(101), 'é'.repeat(51)]) {
      expect(await devices.setConnectorName(bad)).toMatchObject({
        ok: false,
        error: { code: 'connector-name-invalid' },
      });
    }
    expect(await devices.setConnectorName('é'.repeat(50))).toMatchObject({ ok: true });
  });
});
