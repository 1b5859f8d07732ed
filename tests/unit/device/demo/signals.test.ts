/** The signals behind the scripted devices: plausible, consistent with each other, and the same for the same seed. */
import { describe, expect, it } from 'vitest';
import { floatBits, sfloatBits } from '../../../../src/device/demo/medical-float.ts';
import { createBrain } from '../../../../src/device/demo/signals/brain.ts';
import { createDrift, wrap } from '../../../../src/device/demo/signals/drift.ts';
import { createEvents } from '../../../../src/device/demo/signals/events.ts';
import { createEyes } from '../../../../src/device/demo/signals/gaze.ts';
import { createMotion, STYLE } from '../../../../src/device/demo/signals/motion.ts';
import { createPulse } from '../../../../src/device/demo/signals/pulse.ts';
import { createRide } from '../../../../src/device/demo/signals/ride.ts';
import { FieldReader } from '../../../../src/device/profiles/field-reader.ts';
import { mulberry32 } from '../../../../src/lib/random.ts';

const SEEDS = [1, 2, 99, 7920, 123_456_789];
const times = (seconds: number, rate: number): number[] =>
  Array.from({ length: seconds * rate }, (_, i) => (i + 1) / rate);
const length = (vector: readonly number[]): number => Math.hypot(...vector);

describe('the pulse', () => {
  it('has an R peak of the ECG at each beat, and nothing as high between them', () => {
    for (const seed of SEEDS) {
      const pulse = createPulse(seed);
      const ecg = times(30, 500).map((t) => ({ t, value: pulse.ecg(t) }));
      const beats = pulse.between(0, 30);
      expect(beats.length).toBeGreaterThan(20);
      for (const { at } of beats.filter(({ at: when }) => when < 29.9)) {
        const near = ecg.filter(({ t }) => Math.abs(t - at) < 0.004);
        expect(Math.max(...near.map(({ value }) => value))).toBeGreaterThan(0.8);
      }
      const between = ecg.filter(({ t }) => beats.every(({ at }) => Math.abs(t - at) > 0.05) && t < 29);
      expect(Math.max(...between.map(({ value }) => value))).toBeLessThan(0.5);
    }
  });

  it('tells the rate that its beats have, hours later too', () => {
    const pulse = createPulse(3);
    for (const t of [20, 600, 7200]) {
      const beats = pulse.between(t - 10, t);
      const mean = (60 * beats.length) / beats.reduce((sum, { interval }) => sum + interval, 0);
      expect(Math.abs(pulse.rate(t) - mean)).toBeLessThan(12);
      expect(beats.every(({ interval }) => interval > 0.35 && interval < 1.2)).toBe(true);
    }
  });
});

describe('motion', () => {
  it.each(Object.entries(STYLE))('%s: gravity and attitude agree', (_, style) => {
    const motion = createMotion(5, style);
    for (const t of times(20, 25)) {
      const { gravity, quaternion, matrix, field, rotation } = motion(t);
      expect(length(gravity)).toBeCloseTo(9.80665, 5);
      expect(length(quaternion)).toBeCloseTo(1, 9);
      // The last row of the matrix says where up is, as the quaternion does.
      const [w, x, y, z] = quaternion;
      expect(matrix[6]).toBeCloseTo(2 * (x * z - w * y), 9);
      expect(matrix[8]).toBeCloseTo(1 - 2 * (x * x + y * y), 9);
      expect(length(field)).toBeGreaterThan(44);
      expect(length(field)).toBeLessThan(52);
      expect(length(rotation)).toBeLessThan(10);
    }
  });
});

describe('eyes', () => {
  it('fixate, jump, and close for a blink every few seconds', () => {
    const eyes = createEyes(11);
    const gaze = times(60, 200).map((t) => ({ ...eyes.gaze(t), lids: eyes.aperture(t), blinks: eyes.isBlinking(t) }));
    expect(gaze.every(({ x, y }) => x >= 0 && x <= 1 && y >= 0 && y <= 1)).toBe(true);
    const steps = gaze.slice(1).map(({ x, y }, i) => Math.hypot(x - (gaze[i]?.x ?? x), y - (gaze[i]?.y ?? y)));
    const still = steps.filter((step) => step < 0.012).length / steps.length;
    expect(still).toBeGreaterThan(0.8);
    expect(Math.max(...steps)).toBeGreaterThan(0.05);
    const blinks = gaze.filter(({ blinks: now }, i) => now && gaze[i - 1]?.blinks === false).length;
    expect(blinks).toBeGreaterThanOrEqual(10);
    expect(blinks).toBeLessThanOrEqual(30);
    expect(Math.min(...gaze.map(({ lids }) => lids[0]))).toBeLessThan(1);
  });
});

describe('the brain', () => {
  it('has alpha, most of it at the back of the head', () => {
    const brain = createBrain(4);
    const power = (values: readonly number[], hz: number): number => {
      const part = (f: (x: number) => number): number =>
        values.reduce((sum, value, i) => sum + value * f((2 * Math.PI * hz * i) / 256), 0) / values.length;
      return Math.hypot(part(Math.sin), part(Math.cos));
    };
    const alpha = (place: 'tp9' | 'af7'): number => {
      const values = times(20, 256).map((t) => brain(place, t));
      return Math.max(...[9, 9.25, 9.5, 9.75, 10, 10.25, 10.5, 10.75, 11].map((hz) => power(values, hz)));
    };
    expect(alpha('tp9')).toBeGreaterThan(1.5 * alpha('af7'));
  });
});

describe('a ride', () => {
  it('counts revolutions with the time of the last one', () => {
    const ride = createRide(8, 2.105);
    let before = ride(1);
    for (let t = 2; t < 120; t++) {
      const now = ride(t);
      expect(now.wheel.revolutions).toBeGreaterThan(before.wheel.revolutions);
      expect(now.wheel.at).toBeLessThanOrEqual(t);
      const perSecond = (now.wheel.revolutions - before.wheel.revolutions) / (now.wheel.at - before.wheel.at);
      expect(2.105 * perSecond).toBeGreaterThan(4);
      expect(2.105 * perSecond).toBeLessThan(11);
      expect(now.power).toBeLessThan(400);
      before = now;
    }
  });
});

describe('building blocks', () => {
  it('are the same for the same seed', () => {
    for (const seed of SEEDS) {
      const run = (): unknown[] => {
        const [drift, events] = [createDrift(mulberry32(seed), 1, 2, 30), createEvents(mulberry32(seed), 1, 4)];
        const [pulse, eyes, brain] = [createPulse(seed), createEyes(seed), createBrain(seed)];
        return times(5, 20).map((t) => [drift(t), events.count(t), pulse.ecg(t), eyes.gaze(t), brain('af8', t)]);
      };
      expect(run()).toEqual(run());
    }
  });

  it('stay within what they promise', () => {
    const drift = createDrift(mulberry32(6), 10, 3, 20);
    for (const t of times(300, 2)) expect(Math.abs(drift(t) - 10)).toBeLessThanOrEqual(3);
    const events = createEvents(mulberry32(6), 2, 5);
    let last = events.last(0);
    for (const t of times(300, 10)) {
      const now = events.last(t);
      if (now !== last && Number.isFinite(last)) {
        expect(now - last).toBeGreaterThanOrEqual(2);
        expect(now - last).toBeLessThanOrEqual(5);
      }
      last = now;
    }
    expect(events.count(300)).toBeGreaterThan(60);
    expect([wrap(-10, 360), wrap(370, 360), wrap(360, 360)]).toEqual([350, 10, 0]);
  });

  it('IEEE-11073 floats read back as what was written', () => {
    for (const [value, digits] of [
      [36.57, 2],
      [-4.5, 1],
      [97, 0],
      [0, 1],
    ] as const) {
      const bytes = new DataView(new ArrayBuffer(6));
      bytes.setUint32(0, floatBits(value, digits), true);
      bytes.setUint16(4, sfloatBits(value / 2, digits), true);
      const reader = new FieldReader(bytes, 'floats');
      expect(reader.float()).toBeCloseTo(value, 6);
      expect(reader.sfloat()).toBeCloseTo(Math.round((value / 2) * 10 ** digits) / 10 ** digits, 6);
    }
  });
});
