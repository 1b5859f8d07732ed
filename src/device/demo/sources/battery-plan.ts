/** The battery of a scripted device without a radio: half a percent a minute, and on a charger now and then. */
import { mulberry32 } from '../../../lib/random.ts';
import { clamp } from '../signals/drift.ts';
import { createEvents } from '../signals/events.ts';
import { structured, type Plan } from './plan.ts';

/** Percent a second. */
const DRAIN = 0.5 / 60;
const CHARGE = 2 / 60;

/** @param every s between two values */
export function batteryPlan(seed: number, every = 10): Plan {
  const random = mulberry32(seed);
  // Every other event plugs it in.
  const plugs = createEvents(random, 240, 900);
  let level = 60 + 35 * random();
  let last = 0;
  return structured({ attribute: 'battery', every }, (t) => {
    const isCharging = plugs.count(t) % 2 === 1;
    level = clamp(level + (t - last) * (isCharging ? CHARGE : -DRAIN), 1, 100);
    last = t;
    // The platform's own words for charging.
    return { level: Math.round(level), charging: isCharging ? 'yes' : 'no' };
  });
}
