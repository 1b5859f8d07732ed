import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../src/lib/random.ts';
import { isAttributeId } from '../../../src/model/attribute.ts';
import type { NumericBlock } from '../../../src/model/block.ts';
import { createDeriver, type Deriver } from '../../../src/signal/derive.ts';
import type { Derived } from '../../../src/signal/derived.ts';
import { derivedRegistration, qualityIdOf } from '../../../src/signal/derived-types.ts';
import { gaussian, makeEcg, type EcgWorld } from '../../fixtures/signal/ecg.ts';
import { RR_START, tachogram, type Rr } from '../../fixtures/signal/rr.ts';

function numeric(attribute: string, times: Float64Array, values: Float32Array, fields?: string[]): NumericBlock {
  return { kind: 'numeric', attribute, times, values, ...(fields && { fields }) };
}

/** Beats as a strap sends them: one or two in a block. */
function addBeats(deriver: Deriver, { times, intervals }: Rr): Derived[] {
  const out: Derived[] = [];
  for (let i = 0; i < times.length; i += 2) {
    const values = Float32Array.from(intervals.subarray(i, i + 2));
    out.push(...deriver.add(numeric('rr_interval', times.slice(i, i + 2), values)));
  }
  return out;
}

/** ECG in blocks of 73 samples. */
function addEcg(deriver: Deriver, world: EcgWorld, attribute = 'ecg'): Derived[] {
  const { values } = makeEcg(world);
  const out: Derived[] = [];
  for (let i = 0; i < values.length; i += 73) {
    const part = values.slice(i, i + 73);
    const times = Float64Array.from(part, (_, k) => RR_START + ((i + k) * 1000) / world.rate);
    out.push(...deriver.add(numeric(attribute, times, part)));
  }
  return out;
}

/** Movement at 50 Hz, g. */
function addMotion(deriver: Deriver, seconds: number, breath: number, shake: number): Derived[] {
  const random = mulberry32(9);
  const out: Derived[] = [];
  for (let n = 0; n < seconds * 50; n += 10) {
    const times = Float64Array.from({ length: 10 }, (_, k) => RR_START + (n + k) * 20);
    const values = Float32Array.from({ length: 30 }, (_, k) => {
      const t = (n + Math.floor(k / 3)) / 50;
      const tilt = 0.6 + 0.0175 * Math.sin(2 * Math.PI * breath * t);
      const axis = k % 3;
      const still = axis === 0 ? 0 : axis === 1 ? Math.sin(tilt) : Math.cos(tilt);
      return still + 0.005 * gaussian(random) + (axis === 1 ? shake * Math.sin(2 * Math.PI * 2 * t) : 0);
    });
    out.push(...deriver.add(numeric('accelerometer', times, values, ['x', 'y', 'z'])));
  }
  return out;
}

function of(derived: readonly Derived[], attribute: string): Derived[] {
  return derived.filter(({ block }) => block.attribute === attribute);
}

function valuesOf(derived: readonly Derived[], attribute: string): number[] {
  return of(derived, attribute).map(({ block }) => block.values[0] ?? NaN);
}

describe('derived from intervals between beats', () => {
  const rr = tachogram(200, 850, [[0.25, 30]], { noise: 5 });

  it('HRV every 5 s, marked as an estimate of that attribute', () => {
    const hrv = of(addBeats(createDeriver(), rr), 'hrv');
    expect(hrv[0]).toMatchObject({ estimate: true, source: 'rr_interval' });
    expect(hrv[0]?.block.fields).toEqual(['rmssd', 'sdnn', 'pnn50', 'quality']);
    const times = hrv.map(({ block }) => block.times[0] ?? NaN);
    // The first after half a minute, then one in 5 s and up to two beats.
    expect((times[0] ?? 0) - RR_START).toBeGreaterThan(28_000);
    const steps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(5000);
    expect(Math.max(...steps)).toBeLessThan(7000);
    for (const { block, quality } of hrv) {
      const [rmssd = NaN, sdnn = NaN] = block.values;
      // A wave of 30 ms has a standard deviation of 21; its RMSSD is 2·21·sin(π·0.25·0.85) = 26.4; noise adds 5.
      expect(Math.abs(sdnn - 21.8)).toBeLessThan(2);
      expect(Math.abs(rmssd - 27.3)).toBeLessThan(3);
      expect(quality).toBeGreaterThan(0.98);
    }
  });

  it('bands every 30 s, from two minutes on', () => {
    const bands = of(addBeats(createDeriver(), rr), 'hrv_bands');
    expect((bands[0]?.block.times[0] ?? 0) - RR_START).toBeGreaterThan(110_000);
    expect(bands.length).toBe(3);
    const [lf = NaN, hf = NaN] = bands.at(-1)?.block.values ?? [];
    expect(Math.abs(hf / 450 - 1)).toBeLessThan(0.15);
    expect(lf).toBeLessThan(45);
  });

  it('15 ± 1 breaths a minute, every 5 s', () => {
    const breaths = valuesOf(addBeats(createDeriver(), rr), 'respiration_rate');
    expect(breaths.length).toBeGreaterThan(28);
    for (const rate of breaths) expect(Math.abs(rate - 15)).toBeLessThan(1);
  });

  it('nothing from noise, without contact, or in the first half minute', () => {
    const random = mulberry32(2);
    const noise = tachogram(120, 900, [], { noise: 0 });
    const wild = { times: noise.times, intervals: noise.intervals.map(() => 300 + 1600 * random()) };
    expect(addBeats(createDeriver(), wild)).toEqual([]);
    const off = createDeriver();
    off.contact(false);
    expect(addBeats(off, rr)).toEqual([]);
    expect(addBeats(createDeriver(), tachogram(25, 850, [[0.25, 30]]))).toEqual([]);
  });

  it('begins anew after a minute of silence', () => {
    const deriver = createDeriver();
    addBeats(deriver, rr);
    const later = { times: rr.times.map((time) => time + 400_000), intervals: rr.intervals };
    const first = of(addBeats(deriver, later), 'hrv')[0];
    expect((first?.block.times[0] ?? 0) - (later.times[0] ?? 0)).toBeGreaterThan(28_000);
  });

  it('counts no beat twice when a backlog repeats', () => {
    const deriver = createDeriver();
    addBeats(deriver, rr);
    expect(addBeats(deriver, rr)).toEqual([]);
  });
});

describe.each([130, 250])('derived from ECG at %i Hz', (rate) => {
  const world = { seed: 4, rate, seconds: 100, bpm: 66, noise: 0.02, wander: 0.2, edr: 0.15, breaths: 15 };

  it('the heart rate each second, within 3 bpm', () => {
    const rates = valuesOf(addEcg(createDeriver(), world), 'heartrate_ecg');
    expect(rates.length).toBeGreaterThan(75);
    for (const bpm of rates) expect(Math.abs(bpm - 66)).toBeLessThan(3);
  });

  it('HRV that is near that of the beats put in', () => {
    const derived = addEcg(createDeriver(), world);
    const { peaks } = makeEcg(world);
    const last = of(derived, 'hrv').at(-1);
    const end = ((last?.block.times[0] ?? 0) - RR_START) / 1000;
    const minute = peaks.filter((peak) => peak > end - 61 && peak < end + 0.01);
    const intervals = minute.slice(1).map((peak, i) => 1000 * (peak - (minute[i] ?? 0)));
    const mean = intervals.reduce((a, b) => a + b, 0) / intervals.length;
    const sdnn = Math.sqrt(intervals.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (intervals.length - 1));
    expect(Math.abs((last?.block.values[1] ?? NaN) - sdnn)).toBeLessThan(2);
    expect(last?.source).toBe('ecg');
  });

  it('breathing by the height of R, where intervals say nothing', () => {
    const breaths = of(addEcg(createDeriver(), { ...world, rsa: 0 }), 'respiration_rate');
    expect(breaths.length).toBeGreaterThan(10);
    for (const { block, source } of breaths) {
      expect(Math.abs((block.values[0] ?? NaN) - 15)).toBeLessThan(1);
      expect(source).toBe('ecg');
    }
  });

  it('its quality each second: good when clean, poor in noise, and then no heart rate', () => {
    const good = of(addEcg(createDeriver(), world), 'quality_ecg');
    expect(good.length).toBeGreaterThan(97);
    const scores = good.map(({ quality }) => quality).sort((a, b) => a - b);
    expect(scores[3]).toBe(1);
    const noise = addEcg(createDeriver(), { ...world, noise: 0.6 });
    expect(valuesOf(noise, 'quality_ecg').filter((score) => score > 0.5).length).toBeLessThan(20);
    expect(valuesOf(noise, 'heartrate_ecg').length).toBeLessThan(5);
  });

  it('nothing but a quality of 0 without contact', () => {
    const deriver = createDeriver();
    deriver.contact(false);
    const derived = addEcg(deriver, world);
    expect(new Set(derived.map(({ block }) => block.attribute))).toEqual(new Set(['quality_ecg']));
    expect(derived.every(({ quality, cause }) => quality === 0 && cause === 'contact')).toBe(true);
  });
});

describe('derived from several streams of one sensor', () => {
  const world = { seed: 4, rate: 130, seconds: 60, noise: 0.02 };

  it('one HRV only: the strap knows its beats better than we do', () => {
    const deriver = createDeriver();
    const rr = tachogram(100, 850, [[0.25, 30]]);
    addBeats(deriver, rr);
    const derived = addEcg(deriver, world);
    expect(of(derived, 'hrv')).toEqual([]);
    expect(of(derived, 'heartrate_ecg').length).toBeGreaterThan(40);
  });

  it('breathing from the accelerometer, but not while the wearer moves', () => {
    const still = of(addMotion(createDeriver(), 60, 0.25, 0), 'respiration_rate');
    expect(still.length).toBeGreaterThan(3);
    for (const { block, source } of still) {
      expect(Math.abs((block.values[0] ?? NaN) - 15)).toBeLessThan(1);
      expect(source).toBe('accelerometer');
    }
    expect(of(addMotion(createDeriver(), 60, 0.25, 0.4), 'respiration_rate')).toEqual([]);
  });

  it('movement lowers the quality of the ECG', () => {
    const deriver = createDeriver();
    addMotion(deriver, 10, 0.25, 1.5);
    const poor = of(addEcg(deriver, world), 'quality_ecg');
    expect(poor.every(({ cause, quality }) => cause === 'motion' && quality < 0.5)).toBe(true);
    deriver.reset();
    expect(of(addEcg(deriver, world), 'quality_ecg').at(-1)?.quality).toBe(1);
  });

  it('tells types by name, or is told', () => {
    expect(of(addEcg(createDeriver(), world, 'ecg_2'), 'heartrate_ecg').length).toBeGreaterThan(40);
    expect(of(addEcg(createDeriver(), world, 'chest'), 'heartrate_ecg')).toEqual([]);
    const told = createDeriver({ typeOf: (attribute) => (attribute === 'chest' ? 'ecg' : attribute) });
    expect(of(addEcg(told, world, 'chest'), 'heartrate_ecg').length).toBeGreaterThan(40);
  });

  it('takes rates that are no ECG, and more attributes than it analyses', () => {
    expect(of(addEcg(createDeriver(), { ...world, rate: 50 }), 'heartrate_ecg')).toEqual([]);
    const deriver = createDeriver();
    for (let i = 0; i < 100; i++) addEcg(deriver, { ...world, seconds: 1 }, `a${i}`);
    expect(deriver.add({ kind: 'structured', attribute: 'x', times: Float64Array.of(1), payloads: [1] })).toEqual([]);
  });

  it('registers what it derives, under ids that servers accept', () => {
    const deriver = createDeriver();
    const rr = tachogram(200, 850, [[0.25, 30]]);
    const derived = [...addBeats(deriver, rr), ...addEcg(deriver, world), ...addMotion(deriver, 60, 0.25, 0)];
    const ids = new Set(derived.map(({ block }) => block.attribute));
    expect([...ids].sort()).toEqual([
      'heartrate_ecg',
      'hrv',
      'hrv_bands',
      'quality_accelerometer',
      'quality_ecg',
      'respiration_rate',
    ]);
    for (const id of ids) {
      expect(isAttributeId(id)).toBe(true);
      expect(derivedRegistration(id)).toMatchObject({ attribute: id, estimated: true });
    }
    expect(derivedRegistration('ecg')).toBeUndefined();
    expect(qualityIdOf('a'.repeat(57))).toBeUndefined();
  });
});

describe('derived from anything', () => {
  it('never throws, and yields finite numbers in order of time', () => {
    const column = fc.array(fc.tuple(fc.oneof(fc.double(), fc.double({ min: 0, max: 400, noNaN: true })), fc.float()), {
      maxLength: 120,
    });
    const block = fc.record({
      attribute: fc.constantFrom('ecg', 'rr_interval', 'accelerometer', 'ppg', 'eeg'),
      rows: column,
      absolute: fc.boolean(),
      wide: fc.boolean(),
      missing: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(block, { maxLength: 30 }), (blocks) => {
        const deriver = createDeriver();
        const latest = new Map<string, number>();
        let at = RR_START;
        for (const { attribute, rows, absolute, wide, missing } of blocks) {
          const times = Float64Array.from(rows, ([time]) => (absolute ? time : (at += Math.abs(time) % 400)));
          const width = wide ? 3 : 1;
          const values = Float32Array.from({ length: rows.length * width - missing }, (_, i) => {
            return rows[Math.floor(i / width)]?.[1] ?? NaN;
          });
          for (const one of deriver.add(numeric(attribute, times, values, wide ? ['x', 'y', 'z'] : undefined))) {
            expect(one.block.values.every(Number.isFinite)).toBe(true);
            const key = one.block.attribute + one.source;
            const time = one.block.times[0] ?? NaN;
            expect(time).toBeGreaterThanOrEqual(latest.get(key) ?? -Infinity);
            latest.set(key, time);
          }
        }
      }),
    );
  });
});
