import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../src/lib/random.ts';
import { LANDMARK, LANDMARK_COUNT, type Landmark } from '../../../src/model/skeleton.ts';
import { ActivityMeter } from '../../../src/signal/activity.ts';

const START = 1_700_000_000_000;
/** Of the picture's height. */
const SHOULDERS = 0.2;

/** A person whose shoulders are 0.2 of the picture wide, moved by so many shoulder widths; the trunk stays. */
function person(moved: number, { seen = 8, noise = (): number => 0 } = {}): Landmark[] {
  const landmarks: Landmark[] = Array.from({ length: LANDMARK_COUNT }, (_, i) => ({
    x: 0.5 + moved * SHOULDERS + noise(),
    y: 0.5 + noise(),
    z: 0,
    v: i < 13 || i - 13 < seen || seen === 8 ? 1 : 0,
  }));
  landmarks[LANDMARK.leftShoulder] = { x: 0.6, y: 0.3, z: 0, v: 1 };
  landmarks[LANDMARK.rightShoulder] = { x: 0.4, y: 0.3, z: 0, v: 1 };
  landmarks[LANDMARK.leftHip] = { x: 0.55, y: 0.55, z: 0, v: 1 };
  landmarks[LANDMARK.rightHip] = { x: 0.45, y: 0.55, z: 0, v: 1 };
  return landmarks;
}

/** Moves at this speed, shoulder widths a second. */
function walk(meter: ActivityMeter, speed: number, { seconds = 4, fps = 30, from = START, aspect = 1 } = {}): number {
  const pictures = seconds * fps;
  for (let i = 0; i < pictures; i++) meter.add(from + (i * 1000) / fps, person((speed * i) / fps), aspect);
  return from + seconds * 1000;
}

describe('activity', () => {
  it.each([
    [0, 'still'],
    [0.15, 'still'],
    [0.5, 'slight'],
    [2, 'moving'],
    [5, 'vigorous'],
  ] as const)('%d shoulder widths a second is %s', (speed, activity) => {
    for (const fps of [30, 15, 5]) {
      const meter = new ActivityMeter();
      walk(meter, speed, { fps });
      expect(meter.activity).toBe(activity);
      expect(meter.speed).toBeCloseTo(speed, 6);
    }
  });

  it('is said from about a fifth of a second on', () => {
    const meter = new ActivityMeter();
    meter.add(START, person(0), 1);
    meter.add(START + 100, person(0), 1);
    expect(meter.activity).toBeUndefined();
    meter.add(START + 200, person(0), 1);
    expect(meter.activity).toBe('still');
  });

  it('takes the tremor of landmarks for what it is', () => {
    const random = mulberry32(7);
    const meter = new ActivityMeter();
    for (let i = 0; i < 120; i++) {
      meter.add(START + i * 33, person(0, { noise: () => 0.002 * (random() - 0.5) * 2 }), 1);
    }
    expect(meter.activity).toBe('still');
    expect(meter.speed).toBeGreaterThan(0);
  });

  it('does not flicker at a threshold: a level is left only 20 % below it', () => {
    const meter = new ActivityMeter();
    let now = walk(meter, 1.1);
    expect(meter.activity).toBe('moving');
    // It goes on where it was, a little slower.
    for (let i = 0; i < 150; i++) meter.add((now += 33), person(4.4 + (0.9 * i * 33) / 1000), 1);
    expect(meter.activity).toBe('moving');
    const fresh = new ActivityMeter();
    walk(fresh, 0.9);
    expect(fresh.activity).toBe('slight');
  });

  it('counts a step to the side by the true width of the picture', () => {
    const meter = new ActivityMeter();
    walk(meter, 1, { aspect: 2 });
    // Shoulders and way are both twice as wide.
    expect(meter.speed).toBeCloseTo(1, 6);
  });

  it('says nothing of fewer than three joints, nor of pictures out of order', () => {
    const meter = new ActivityMeter();
    for (let i = 0; i < 60; i++) meter.add(START + i * 33, person(i, { seen: 2 }), 1);
    expect(meter.activity).toBeUndefined();
    const other = new ActivityMeter();
    const now = walk(other, 0);
    other.add(now - 1000, person(50), 1);
    other.add(NaN, person(50), 1);
    expect(other.speed).toBe(0);
  });

  it('starts anew after a gap and when told to', () => {
    const meter = new ActivityMeter();
    const now = walk(meter, 5);
    meter.add(now + 2500, person(0), 1);
    expect(meter.activity).toBeUndefined();
    walk(meter, 0, { from: now + 2600 });
    expect(meter.activity).toBe('still');
    meter.reset();
    expect(meter.activity).toBeUndefined();
  });

  it('measures somebody seen from the side by their trunk', () => {
    const sideways = (moved: number): Landmark[] =>
      person(moved).map((landmark, i) => {
        if (i === LANDMARK.leftShoulder || i === LANDMARK.rightShoulder) return { ...landmark, x: 0.5 };
        // 1.3 shoulder widths of 0.2 below.
        return i === LANDMARK.leftHip || i === LANDMARK.rightHip ? { ...landmark, x: 0.5, y: 0.56 } : landmark;
      });
    const meter = new ActivityMeter();
    for (let i = 0; i < 120; i++) meter.add(START + i * 33, sideways((2 * i * 33) / 1000), 1);
    expect(meter.speed).toBeCloseTo(2, 6);
  });
});
