/** A person at rest with many sensors: the platform's scenario `single_person`. */
import { mulberry32 } from '../../../lib/random.ts';
import { createDrift, noise, rounded } from '../signals/drift.ts';
import { createPulse } from '../signals/pulse.ts';
import { batteryPlan } from './battery-plan.ts';
import { trickle, wave } from './plan.ts';
import { SIMULATOR, type ScriptModel } from './script-model.ts';

const ECG_RATE = 100;
const ECG_BATCH = 10;

export function createPerson(seed: number): ScriptModel {
  const pulse = createPulse(seed);
  const random = mulberry32(seed + 1);
  const spo2 = createDrift(random, 97.3, 1.2, 180);
  const temperature = createDrift(random, 36.7, 0.3, 1800);
  const systolic = createDrift(random, 118, 9, 900);
  return {
    sensorType: SIMULATOR,
    plans: [
      wave({ attribute: 'ecg', rate: ECG_RATE, batch: ECG_BATCH }, (t) => rounded(pulse.ecg(t), 3)),
      trickle({ attribute: 'heartrate', every: 5 }, (t) => rounded(pulse.rate(t), 1)),
      trickle({ attribute: 'spo2', every: 5 }, (t) => rounded(Math.min(100, spo2(t) + noise(random, 0.4)), 1)),
      trickle({ attribute: 'temperature', every: 60 }, (t) => rounded(temperature(t), 1)),
      trickle({ attribute: 'blood_pressure_sys', every: 60 }, (t) => Math.round(systolic(t) + noise(random, 3))),
      batteryPlan(seed + 2),
    ],
  };
}
