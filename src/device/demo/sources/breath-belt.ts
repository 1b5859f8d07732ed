/**
 * A belt that feels the chest widen: respiration at 50 Hz, 12–18 breaths a minute, and what the heart beneath it does: the
 * platform's scenario `breathing_study`.
 */
import { mulberry32 } from '../../../lib/random.ts';
import { clamp, createDrift, noise, rounded } from '../signals/drift.ts';
import { createPulse, type HeartBeat } from '../signals/pulse.ts';
import { batteryPlan } from './battery-plan.ts';
import { trickle, wave, type Plan } from './plan.ts';
import { SIMULATOR, type ScriptModel } from './script-model.ts';

const RATE = 50;
const BATCH = 10;
/** Beats of so many seconds make the HRV; fewer than so many beats make none. */
const HRV_SECONDS = 60;
const HRV_BEATS = 8;
const HRV_EVERY = 5;

export function createBreathBelt(seed: number): ScriptModel {
  const pulse = createPulse(seed);
  const random = mulberry32(seed + 1);
  const perMinute = 12 + 6 * random();
  // Breathing slows down and speeds up: what wanders is the phase, rad.
  const wander = createDrift(random, 2 * Math.PI * random(), 1.2, 50);
  const depth = createDrift(random, 18, 5, 30);
  const breath = (t: number): number => {
    const phase = (2 * Math.PI * perMinute * t) / 60 + wander(t);
    // In faster than out.
    return clamp(75 + depth(t) * Math.sin(phase + 0.35 * Math.sin(phase)) + noise(random, 0.3), 50, 100);
  };
  return {
    sensorType: SIMULATOR,
    plans: [
      wave({ attribute: 'respiration', rate: RATE, batch: BATCH }, (t) => rounded(breath(t), 2)),
      hrvPlan((t) => pulse.between(t - HRV_SECONDS, t)),
      trickle({ attribute: 'heartrate', every: 5 }, (t) => rounded(pulse.rate(t), 1)),
      batteryPlan(seed + 2),
    ],
  };
}

/** RMSSD and SDNN in ms, from the beats of the last minute. */
function hrvPlan(beats: (t: number) => readonly HeartBeat[]): Plan {
  return {
    kind: 'hrv',
    attributes: [{ attribute: 'hrv', attributeType: 'hrv', samplingRate: 1 / HRV_EVERY, estimated: true }],
    period: 1000 * HRV_EVERY,
    make(at, arrival) {
      const intervals = beats(at).map(({ interval }) => 1000 * interval);
      if (intervals.length < HRV_BEATS) return [];
      const mean = intervals.reduce((sum, one) => sum + one, 0) / intervals.length;
      const steps = intervals.slice(1).map((one, i) => one - (intervals[i] ?? one));
      const values = [rootMeanSquare(steps), rootMeanSquare(intervals.map((one) => one - mean))];
      return [
        {
          kind: 'numeric',
          attribute: 'hrv',
          fields: ['rmssd', 'sdnn'],
          values: Float32Array.from(values, (value) => rounded(value, 1)),
          timing: { kind: 'host', times: Float64Array.of(arrival) },
        },
      ];
    },
  };
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
