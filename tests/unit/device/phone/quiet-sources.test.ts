/** Sources that report when something changes: battery, network, light, proximity. */
import { describe, expect, it } from 'vitest';
import { batterySource, watchLowBattery } from '../../../../src/device/phone/battery.ts';
import { eventTime } from '../../../../src/device/phone/event-time.ts';
import { networkSource } from '../../../../src/device/phone/network.ts';
import { lightSource, proximitySource } from '../../../../src/device/phone/scalar-sensors.ts';
import { ok } from '../../../../src/model/result.ts';
import { CountingTarget, fakeClass, hearing, motionRig } from './support.ts';

const NOW = 1_700_000_000_000;

class FakeBattery extends CountingTarget {
  level = 0.874;
  charging = false;
}

describe('the battery', () => {
  it('is told at the start and at each change, in the platform’s words, and no more after the end', async () => {
    const battery = new FakeBattery();
    const source = batterySource(
      () => Promise.resolve(battery),
      () => NOW,
    );
    const heard = hearing();
    const ending = new AbortController();
    expect(await source.start(heard, ending.signal)).toEqual(ok(undefined));
    battery.level = 0.8701;
    battery.fire('levelchange');
    battery.charging = true;
    battery.fire('chargingchange');
    expect(heard.payloads('battery')).toEqual([
      { level: 87, charging: 'no' },
      { level: 87, charging: 'yes' },
    ]);
    ending.abort();
    expect(battery.listeners).toBe(0);
    battery.level = 0.5;
    battery.fire('levelchange');
    expect(heard.all).toHaveLength(2);
  });

  it('a level that is none is trouble; a browser without one, or that refuses, says so', async () => {
    const battery = new FakeBattery();
    battery.level = NaN;
    const heard = hearing();
    const { signal } = new AbortController();
    await batterySource(() => Promise.resolve(battery)).start(heard, signal);
    expect(heard.all).toEqual([]);
    expect(heard.troubles).toMatchObject([{ code: 'source-empty' }]);
    expect(await batterySource(undefined).support()).toMatchObject({ error: { code: 'source-unsupported' } });
    const refused = batterySource(() => Promise.reject(new DOMException('policy', 'NotAllowedError')));
    expect(await refused.start(heard, signal)).toMatchObject({ error: { code: 'source-permission' } });
  });

  it('is to be spared when low and not charged', async () => {
    const battery = new FakeBattery();
    const told: boolean[] = [];
    const ending = new AbortController();
    await watchLowBattery(
      () => Promise.resolve(battery),
      (isLow) => told.push(isLow),
      ending.signal,
    );
    battery.level = 0.19;
    battery.fire('levelchange');
    battery.charging = true;
    battery.fire('chargingchange');
    expect(told).toEqual([false, true, false]);
    ending.abort();
    expect(battery.listeners).toBe(0);
    await watchLowBattery(undefined, (isLow) => told.push(isLow), new AbortController().signal);
    expect(told).toHaveLength(3);
  });
});

describe('the network', () => {
  it('is told with what the browser knows, once per change', async () => {
    const connection = Object.assign(new CountingTarget(), {
      effectiveType: '4g',
      rtt: 50,
      downlink: Infinity,
      saveData: false,
    });
    const events = new CountingTarget();
    let online = true;
    const source = networkSource({ connection, events, isOnline: () => online, now: () => NOW });
    const heard = hearing();
    const ending = new AbortController();
    expect(await source.support()).toEqual(ok(undefined));
    await source.start(heard, ending.signal);
    online = false;
    events.fire('offline');
    connection.fire('change');
    expect(heard.payloads('network')).toEqual([
      { online: true, effectiveType: '4g', rtt: 50, saveData: false },
      { online: false, effectiveType: '4g', rtt: 50, saveData: false },
    ]);
    ending.abort();
    expect(connection.listeners + events.listeners).toBe(0);
  });

  it('is only there or not where the browser knows no more', async () => {
    const heard = hearing();
    const edges = { connection: undefined, events: new CountingTarget(), isOnline: () => true, now: () => NOW };
    await networkSource(edges).start(heard, new AbortController().signal);
    expect(heard.payloads('network')).toEqual([{ online: true }]);
  });
});

describe('light and proximity', () => {
  it('give lux and cm at the time of the reading, and stop', async () => {
    const rig = motionRig();
    const [light, proximity] = [fakeClass(), fakeClass()];
    const edges = rig.edges({ classes: { AmbientLightSensor: light.Class, ProximitySensor: proximity.Class } });
    const heard = hearing();
    const ending = new AbortController();
    const started = [lightSource(edges), proximitySource(edges)].map((source) => source.start(heard, ending.signal));
    light.made[0]?.read({ illuminance: 350 }, rig.monotonic() - 5);
    proximity.made[0]?.read({ distance: 4 }, rig.monotonic());
    expect(await Promise.all(started)).toEqual([ok(undefined), ok(undefined)]);
    expect([heard.rows('light'), heard.rows('proximity')]).toEqual([[[350]], [[4]]]);
    expect(heard.times('light')).toEqual([rig.time.now() - 5]);
    light.made[0]?.read({ illuminance: null }, rig.monotonic());
    expect(heard.troubles).toMatchObject([{ code: 'source-empty' }]);
    ending.abort();
    expect([...light.running(), ...proximity.running()]).toEqual([]);
  });

  it.each([
    [{}, 'source-unsupported'],
    [{ secure: false }, 'source-insecure'],
    [
      { classes: { AmbientLightSensor: fakeClass().Class }, permission: () => Promise.resolve('denied') },
      'source-permission',
    ],
  ])('say why not: %#', async (change, code) => {
    expect(await lightSource(motionRig().edges(change)).support()).toMatchObject({ error: { code } });
  });
});

describe('the time of an event', () => {
  const clock = { now: () => NOW, monotonic: () => 20_000 };

  it.each([
    ['just now', 20_000, NOW],
    ['a little ago', 19_990.5, NOW - 9.5],
    ['later than now', 20_001, NOW],
    ['from another clock', 1_000, NOW],
    ['in Unix time', NOW, NOW],
    ['not said', null, NOW],
    ['no number', NaN, NOW],
  ])('%s', (_name, stamp, time) => {
    expect(eventTime(stamp, clock)).toBe(time);
  });
});
