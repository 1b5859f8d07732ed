import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAdapterWatch } from '../../../../src/device/bluetooth/adapter-watch.ts';
import { createArrivalClock } from '../../../../src/device/bluetooth/arrival.ts';
import { copyBytes } from '../../../../src/device/bluetooth/gatt-connection.ts';
import { createRhythm } from '../../../../src/device/bluetooth/rhythm.ts';
import { manualTime } from '../support/time.ts';

describe('rhythm', () => {
  it('allows three intervals, but never less than two seconds', () => {
    expect(createRhythm(1).limit()).toBe(3000);
    expect(createRhythm(130).limit()).toBe(2000);
    expect(createRhythm(0.5).limit()).toBe(6000);
  });

  it('learns a slower rhythm than the nominal one', () => {
    const rhythm = createRhythm(1);
    for (let now = 0; now < 60_000; now += 2000) rhythm.packet(now);
    expect(rhythm.limit()).toBeGreaterThan(5900);
    expect(rhythm.limit()).toBeLessThanOrEqual(6000);
  });

  it('does not learn from silences', () => {
    const rhythm = createRhythm(1);
    for (let now = 0; now < 600_000; now += 60_000) rhythm.packet(now);
    expect(rhythm.limit()).toBe(3000);
  });

  it('stays finite and positive for any packet times', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 })), (times) => {
        const rhythm = createRhythm(1);
        for (const time of times) rhythm.packet(time);
        expect(rhythm.limit()).toBeGreaterThanOrEqual(2000);
        expect(rhythm.limit()).toBeLessThanOrEqual(9000);
      }),
    );
  });
});

describe('arrival clock', () => {
  it('dates an event by its own stamp, not by when it was handled', () => {
    let monotonic = 5000;
    const arrival = createArrivalClock({ monotonic: () => monotonic, wall: () => 1_700_000_000_000 + monotonic });
    monotonic = 5400;
    expect(arrival(5100.25)).toBe(1_700_000_005_100.25);
    expect(arrival(0)).toBe(1_700_000_005_400);
  });

  it('believes the wall clock again after the monotonic one stood still (sleep), not for a millisecond of jitter', () => {
    let slept = 0;
    const arrival = createArrivalClock({ monotonic: () => 5000, wall: () => 1_700_000_005_000 + slept });
    slept = 1;
    expect(arrival(5000)).toBe(1_700_000_005_000);
    slept = 3_600_000;
    expect(arrival(5000)).toBe(1_700_003_605_000);
  });
});

describe('copyBytes', () => {
  it('copies only what the view covers, into a buffer of its own', () => {
    const whole = Uint8Array.of(9, 9, 1, 2, 3, 9);
    const copy = copyBytes(new DataView(whole.buffer, 2, 3));
    whole.fill(0);
    expect([...new Uint8Array(copy)]).toEqual([1, 2, 3]);
  });
});

describe('adapter watch', () => {
  it('tells of changes only, asks only while somebody listens, and survives a refusal', async () => {
    const time = manualTime();
    const answers: (boolean | 'error')[] = [true, true, false, 'error', false, true, false];
    let asked = 0;
    const watch = createAdapterWatch(() => {
      const answer = answers[asked] ?? false;
      asked += 1;
      return answer === 'error' ? Promise.reject(new Error('refused')) : Promise.resolve(answer);
    }, time.timers);
    const heard: boolean[] = [];
    const abort = new AbortController();
    watch.listen((on) => heard.push(on), abort.signal);
    await time.advance(11_000);
    expect(heard).toEqual([false, true]);
    abort.abort();
    const before = asked;
    await time.advance(60_000);
    expect(asked).toBeLessThanOrEqual(before + 1);
    expect(heard).toEqual([false, true]);
    expect(time.pending()).toBe(0);
  });

  it('tells a late listener of an adapter that is off, and believes the browser’s own event', async () => {
    const time = manualTime();
    const watch = createAdapterWatch(() => Promise.resolve(false), time.timers);
    const first: boolean[] = [];
    const second: boolean[] = [];
    const abort = new AbortController();
    watch.listen((on) => first.push(on), abort.signal);
    await time.advance(0);
    watch.listen((on) => second.push(on), abort.signal);
    watch.tell(true);
    expect(first).toEqual([false, true]);
    expect(second).toEqual([false, true]);
    abort.abort();
  });
});
