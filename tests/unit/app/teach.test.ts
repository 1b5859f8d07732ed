import { describe, expect, it } from 'vitest';
import { readUuid, startLesson } from '../../../src/app/teach.ts';
import { createScriptedRadio } from '../../../src/device/demo/scripted-radio.ts';
import { BATTERY_LEVEL, BATTERY_SERVICE } from '../../../src/device/profiles/battery.ts';
import { HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE } from '../../../src/device/profiles/heart-rate.ts';
import { createManualClock } from '../../support/manual-clock.ts';

describe('a service number as people type it', () => {
  it.each([
    ['180d', '0000180d-0000-1000-8000-00805f9b34fb'],
    [' 0x180D ', '0000180d-0000-1000-8000-00805f9b34fb'],
    ['fff0fff0', 'fff0fff0-0000-1000-8000-00805f9b34fb'],
    ['6E400001-B5A3-F393-E0A9-E50E24DCCA9E', '6e400001-b5a3-f393-e0a9-e50e24dcca9e'],
    ['6e400001b5a3f393e0a9e50e24dcca9e', '6e400001-b5a3-f393-e0a9-e50e24dcca9e'],
  ])('%s', (typed, uuid) => {
    expect(readUuid(typed)).toEqual({ ok: true, value: uuid });
  });

  it.each(['', '18', '180g', '6e400001-b5a3', 'heart rate'])('%j is none', (typed) => {
    expect(readUuid(typed)).toMatchObject({ ok: false, error: { code: 'uuid-invalid' } });
  });
});

describe('a lesson', () => {
  it('shows the bytes of a chosen device as they come, and lets go of it', async () => {
    const clock = createManualClock();
    const radio = createScriptedRadio({ timers: clock, now: () => clock.now() });
    const started = await startLesson(radio, [HEART_RATE_SERVICE, BATTERY_SERVICE], clock);
    if (!started.ok) throw new Error(started.error.code);
    const { state, end } = started.value;
    await clock.advance(5000);
    const seen = state.get();
    if (seen.at !== 'open') throw new Error(seen.at);
    const heart = seen.seen.find(({ characteristic }) => characteristic === HEART_RATE_MEASUREMENT);
    expect(heart?.count).toBeGreaterThanOrEqual(4);
    expect(heart?.bytes?.length).toBeGreaterThan(1);
    const battery = seen.seen.find(({ characteristic }) => characteristic === BATTERY_LEVEL);
    expect(battery?.bytes?.length).toBe(1);
    end();
    const before = state.get();
    await clock.advance(5000);
    expect(state.get()).toBe(before);
  });

  it('says when the device goes, and that a browser must be told what to show', async () => {
    const clock = createManualClock();
    const radio = createScriptedRadio({ timers: clock, now: () => clock.now() });
    expect(await startLesson(radio, [], clock)).toMatchObject({ error: { code: 'uuid-missing' } });
    const started = await startLesson(radio, [HEART_RATE_SERVICE], clock);
    if (!started.ok) throw new Error(started.error.code);
    await clock.advance(1000);
    radio.drop(started.value.peripheral.id);
    await clock.advance(1000);
    expect(started.value.state.get()).toMatchObject({ at: 'ended', error: { code: 'bluetooth-out-of-range' } });
  });
});
