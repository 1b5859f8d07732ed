/**
 * Stations in the water: a buoy over a coral reef (the platform's scenario `coral_restoration`) and a gauge in a river
 * (`reuss_river`, whose numbers come from a public service that has none now and then).
 */
import { mulberry32 } from '../../../lib/random.ts';
import { createDrift, noise, rounded, wrap } from '../signals/drift.ts';
import { batteryPlan } from './battery-plan.ts';
import { trickle, type Plan } from './plan.ts';
import { SIMULATOR, type ScriptModel } from './script-model.ts';

/** What a station measures: attribute, range, digits, s between two values. */
type Quantity = readonly [attribute: string, least: number, most: number, digits: number, every: number];

/** Ranges and rates (0.0033–1 Hz) of the platform's simulator. */
const REEF: readonly Quantity[] = [
  ['water_temperature', 26.5, 29.5, 2, 10],
  ['salinity', 33, 36, 2, 30],
  ['ph', 8, 8.3, 2, 30],
  ['dissolved_oxygen', 6, 8.5, 2, 30],
  ['turbidity', 0.5, 5, 2, 30],
  ['depth', 8, 12, 2, 10],
  ['light_par', 100, 400, 0, 10],
  ['nitrate', 0.1, 0.8, 3, 300],
  ['phosphate', 0.02, 0.08, 3, 300],
  ['ammonia', 0.01, 0.05, 3, 300],
  ['alkalinity', 2200, 2400, 0, 300],
  ['current_speed', 0.05, 0.35, 3, 5],
  ['wave_height', 0.2, 1.5, 2, 1],
  ['wind_speed', 2, 15, 1, 5],
  ['solar_irradiance', 50, 1000, 0, 10],
  ['species_diversity', 1.5, 3.5, 2, 300],
  ['coral_coverage', 25, 65, 1, 300],
  ['algae_coverage', 5, 20, 1, 300],
  ['bleaching_index', 0, 15, 1, 300],
];

const RIVER_EVERY = 300;
const RIVER: readonly Quantity[] = [
  ['flow', 90, 240, 1, RIVER_EVERY],
  ['height', 1.2, 2.6, 2, RIVER_EVERY],
  ['temperature', 9, 14, 1, RIVER_EVERY],
  ['oxygen', 9, 11.5, 1, RIVER_EVERY],
  ['acidity', 7.9, 8.4, 2, RIVER_EVERY],
  ['conductivity', 190, 290, 0, RIVER_EVERY],
  ['turbidity', 1, 12, 1, RIVER_EVERY],
];
/** How often the river's service has no number. */
const RIVER_MISSING = 0.1;
/** How often a lens that is overgrown sees no fish, which is not the same as no fish. */
const BLIND = 0.15;
/** A swing takes so many values. */
const VALUES_PER_SWING = 40;

/** A quantity within its range; null now and then where `missing` is the share of values that there are not. */
function quantityPlan(
  [attribute, least, most, digits, every]: Quantity,
  index: number,
  random: () => number,
  missing: number,
): Plan {
  const middle = (least + most) / 2;
  const half = (most - least) / 2;
  const drift = createDrift(random, middle, 0.85 * half, VALUES_PER_SWING * every);
  // One after the other: a station reads its probes in turn.
  return trickle({ attribute, every, first: Math.min(every, 0.5 + 0.25 * index) }, (t) =>
    random() < missing ? null : rounded(drift(t) + noise(random, 0.1 * half), digits),
  );
}

export function createBuoy(seed: number): ScriptModel {
  const random = mulberry32(seed);
  const direction = createDrift(random, 180, 90, 900);
  const fish = createDrift(random, 9, 8, 400);
  const counted = (t: number): number => Math.max(0, Math.round(fish(t) + noise(random, 3)));
  return {
    sensorType: SIMULATOR,
    plans: [
      ...REEF.map((quantity, index) => quantityPlan(quantity, index, random, 0)),
      trickle({ attribute: 'current_direction', every: 5 }, (t) =>
        Math.floor(wrap(direction(t) + noise(random, 10), 360)),
      ),
      trickle({ attribute: 'fish_count', every: 10 }, (t) => (random() < BLIND ? null : counted(t))),
      batteryPlan(seed + 1, 60),
    ],
  };
}

export function createRiver(seed: number): ScriptModel {
  const random = mulberry32(seed);
  return {
    sensorType: SIMULATOR,
    plans: RIVER.map((quantity, index) => quantityPlan(quantity, index, random, RIVER_MISSING)),
  };
}
