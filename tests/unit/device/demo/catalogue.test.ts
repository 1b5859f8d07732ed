/** What every scripted device must do, whatever it measures. */
import { describe, expect, it } from 'vitest';
import { DEMO_CATALOGUE, demoIdentity, parseDemoId, type DemoKind } from '../../../../src/device/demo/catalogue.ts';
import { createScriptedRadio } from '../../../../src/device/demo/scripted-radio.ts';
import { attributeType } from '../../../../src/model/attribute-types.ts';
import { readingLength } from '../../../../src/model/reading.ts';
import { manualTime } from '../support/time.ts';
import { startDemo, type Delivery, type Run } from './run.ts';

/** What each measures, in order of the alphabet. */
const MEASURES: Readonly<Record<DemoKind, string>> = {
  strap: 'battery body_location energy_expended heartrate rr_interval',
  'polar-h10': 'accelerometer battery body_location ecg heartrate rr_interval',
  movesense: 'accelerometer battery device_temperature ecg gyroscope heartrate magnetometer rr_interval',
  muse: 'accelerometer battery battery_voltage device_temperature eeg_af7 eeg_af8 eeg_tp10 eeg_tp9 gyroscope',
  thingy52:
    'accelerometer air_quality battery button color euler gravity gyroscope heading humidity led magnetometer ' +
    'orientation pressure quaternion rotation_matrix steps tap temperature walking_time',
  thermometer: 'battery body_temperature body_temperature_intermediate body_temperature_site',
  'pulse-oximeter':
    'battery oximeter_status pulse_amplitude pulse_rate pulse_rate_fast pulse_rate_slow spo2 spo2_fast spo2_slow',
  cycling:
    'battery cycling_cadence cycling_distance cycling_energy cycling_power cycling_speed left_pedal_balance ' +
    'power_meter_cadence power_meter_distance power_meter_speed',
  environment:
    'battery co2 dew_point elevation gust_factor humidity light pm25 pressure pressure_trend rainfall ' +
    'solar_irradiance temperature uv_index wind_direction wind_speed',
  person: 'battery blood_pressure_sys ecg heartrate spo2 temperature',
  'breath-belt': 'battery heartrate hrv respiration',
  'pupil-neon': 'battery eye_aperture eye_blink eye_gaze eye_worn imu',
  swimmer: 'accelerometer battery gyroscope heartrate magnetometer strokes water_temperature',
  walker: 'battery geolocation heartrate steps',
  buoy:
    'algae_coverage alkalinity ammonia battery bleaching_index coral_coverage current_direction current_speed depth ' +
    'dissolved_oxygen fish_count light_par nitrate ph phosphate salinity solar_irradiance species_diversity turbidity ' +
    'water_temperature wave_height wind_speed',
  river: 'acidity conductivity flow height oxygen temperature turbidity',
  toy: 'battery linear status vibrate',
  skeleton: 'skeleton',
};

/** Seconds until everything was measured; where rates are a few an hour, that takes its time. */
const SECONDS: Partial<Record<DemoKind, number>> = { person: 130, buoy: 1300, river: 6000, toy: 70 };
const USUAL_SECONDS = 12;
/** Attributes that have no value now and then. */
const SPARSE = new Set(['fish_count', ...MEASURES.river.split(' ')]);

const kinds = DEMO_CATALOGUE.map(({ kind }) => kind);

async function runOf(kind: DemoKind, seconds: number, seed = 1): Promise<Run> {
  const run = await startDemo(kind, seed);
  await run.time.advance(1000 * seconds);
  return run;
}

function byAttribute(deliveries: readonly Delivery[]): Map<string, Delivery[]> {
  const all = new Map<string, Delivery[]>();
  for (const one of deliveries) all.set(one.reading.attribute, [...(all.get(one.reading.attribute) ?? []), one]);
  return all;
}

/** Samples a second, between the first delivery and the last; undefined for fewer than three. */
function rateOf(deliveries: readonly Delivery[]): number | undefined {
  const [first, last] = [deliveries[0], deliveries.at(-1)];
  if (!first || !last || deliveries.length < 3) return undefined;
  const samples = deliveries.slice(1).reduce((sum, { reading }) => sum + readingLength(reading), 0);
  return (1000 * samples) / (last.arrival - first.arrival);
}

/** Numbers of a reading outside of what its type calls plausible. */
function implausible({ reading, registered }: Delivery): number[] {
  if (reading.kind !== 'numeric') return [];
  const { range, fields: known } = attributeType(registered?.attributeType ?? '');
  const { fields, values } = reading;
  return [...values].filter((value, i) => {
    if (!Number.isFinite(value)) return true;
    const field = fields?.[i % fields.length];
    if (!range || (field !== undefined && known?.includes(field) !== true)) return false;
    return value < range[0] || value > range[1];
  });
}

describe.each(kinds)('demo %s', (kind) => {
  it('measures what it should, at its rates, within what is plausible, without an error', async () => {
    const run = await runOf(kind, SECONDS[kind] ?? USUAL_SECONDS);
    expect(run.errors).toEqual([]);
    // Packets are numbered or dated without a gap.
    expect(run.facts.filter((fact) => fact.includes('"lost"'))).toEqual([]);
    expect(run.state().at).toBe('live');
    const all = byAttribute(run.deliveries);
    expect([...all.keys()].sort().join(' ')).toBe(MEASURES[kind]);
    for (const [attribute, deliveries] of all) {
      const type = deliveries[0]?.registered?.attributeType;
      expect(type, `${attribute} is registered`).toBeDefined();
      expect(attributeType(type ?? '').category, `${attribute}: ${type}`).not.toBe('generic');
      expect(deliveries.flatMap(implausible), attribute).toEqual([]);
      const nominal = deliveries[0]?.registered?.samplingRate ?? 0;
      const rate = nominal > 0 ? rateOf(deliveries) : undefined;
      if (rate === undefined) continue;
      const least = SPARSE.has(attribute) ? 0.6 : 0.95;
      expect(rate / nominal, `${attribute}: ${rate} of ${nominal} Hz`).toBeGreaterThan(least);
      expect(rate / nominal, `${attribute}: ${rate} of ${nominal} Hz`).toBeLessThan(1.05);
    }
  });

  it('is the same for the same seed, and another for another', async () => {
    const seconds = 5;
    const [one, again, other] = [await runOf(kind, seconds), await runOf(kind, seconds), await runOf(kind, seconds, 2)];
    expect(one.transcript.length).toBeGreaterThan(3);
    expect(again.transcript).toEqual(one.transcript);
    expect(other.transcript).not.toEqual(one.transcript);
  });

  it('dates what it sends in order, never in the future', async () => {
    const { deliveries, time } = await runOf(kind, 10);
    let last = 0;
    for (const { arrival } of deliveries) {
      expect(arrival).toBeGreaterThanOrEqual(last);
      last = arrival;
    }
    expect(last).toBeLessThanOrEqual(time.now());
  });

  it('is silent after it was stopped, leaves no timer, and starts again', async () => {
    const run = await startDemo(kind);
    await run.time.advance(4000);
    run.stop();
    const before = run.transcript.length;
    expect(before).toBeGreaterThan(0);
    await run.time.advance(600_000);
    expect(run.transcript).toHaveLength(before);
    expect(run.time.pending()).toBe(0);
    run.start();
    await run.time.advance(4000);
    expect(run.transcript.length).toBeGreaterThan(before);
    expect(run.state().at).toBe('live');
  });

  it('turns at most twenty times a second, and each turn is a small one', async () => {
    const run = await startDemo(kind);
    await run.time.advance(2000);
    const before = run.turns.length;
    await run.time.advance(5000);
    const turns = run.turns.slice(before);
    // The link's own watch over silence turns now and then as well.
    expect(turns.length).toBeLessThanOrEqual(5 * 20 + 10);
    const sorted = turns.sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)] ?? 0).toBeLessThan(2);
  });
});

describe('the catalogue', () => {
  it('names each kind once, and tells its ids apart', () => {
    expect(new Set(kinds).size).toBe(kinds.length);
    for (const { kind, name } of DEMO_CATALOGUE) {
      const { id, name: full } = demoIdentity(kind, 12, 1);
      expect(parseDemoId(id)).toEqual({ kind, number: 12 });
      expect(full).toBe(`${name} 12`);
    }
    for (const id of [
      'demo-strap-0',
      'demo-strap-',
      'demo-strap-1x',
      'demo-nothing-1',
      'strap-1',
      '',
      'demo-strap-12345',
    ])
      expect(parseDemoId(id)).toBeUndefined();
  });

  it('gives every device a seed of its own', () => {
    const seeds = kinds.flatMap((kind) => [1, 2, 3, 50].map((number) => demoIdentity(kind, number, 1).seed));
    expect(new Set(seeds).size).toBe(seeds.length);
  });

  it('says the sensor type that the link finds out', async () => {
    for (const { kind, by } of DEMO_CATALOGUE.filter((entry) => entry.by === 'radio')) {
      const radio = createScriptedRadio();
      const chosen = await radio.request({ showAll: true, kind });
      const { sensorTypes } = await runOf(kind, 1);
      expect(chosen).toMatchObject({ ok: true, value: { demo: true, sensorType: sensorTypes[0] } });
      expect(by).toBe('radio');
    }
  });
});

describe('the scripted radio', () => {
  it('hands out one more of a kind each time, remembers them, and refuses kinds that there are not', async () => {
    const time = manualTime();
    const remembered = ['demo-muse-2', 'demo-strap-4', 'demo-person-1', 'demo-nonsense-1'];
    const radio = createScriptedRadio({ timers: time.timers, now: time.now, remembered });
    expect((await radio.known()).map(({ id, remembered: was }) => [id, was])).toEqual([
      ['demo-muse-2', true],
      ['demo-strap-4', true],
    ]);
    const names: string[] = [];
    for (const kind of ['polar-h10', 'polar-h10', 'muse', undefined]) {
      const chosen = await radio.request({ showAll: true, ...(kind !== undefined && { kind }) });
      names.push(chosen.ok ? `${chosen.value.id}: ${chosen.value.name}` : chosen.error.code);
    }
    expect(names).toEqual([
      'demo-polar-h10-1: Demo ECG strap 1',
      'demo-polar-h10-2: Demo ECG strap 2',
      'demo-muse-3: Demo EEG headband 3',
      'demo-strap-5: Demo strap 5',
    ]);
    for (const kind of ['person', 'nonsense', 'toString']) {
      expect(await radio.request({ showAll: true, kind })).toMatchObject({
        ok: false,
        error: { code: 'source-unsupported' },
      });
    }
  });
});
