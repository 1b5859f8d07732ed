import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../src/lib/random.ts';
import { Motion } from '../../../src/signal/motion.ts';
import { breathingOf, GOOD_BREATHING, type Breathing } from '../../../src/signal/respiration.ts';
import { bandPower, spectrumOf } from '../../../src/signal/spectrum.ts';
import { gaussian } from '../../fixtures/signal/ecg.ts';
import { RR_START, tachogram } from '../../fixtures/signal/rr.ts';

const SEEDS = Array.from({ length: 100 }, (_, i) => i + 1);

function fromRr(hz: number, noise: number, seed: number, mean = 900): Breathing | undefined {
  const { times, intervals } = tachogram(45, mean, hz > 0 ? [[hz, 30]] : [], { noise, seed });
  return breathingOf(times, [intervals]);
}

/** An accelerometer at 50 Hz on a chest that tilts by 1° with each breath; g. */
function chest(hz: number, noise: number, seed: number, seconds = 60, shake = 0): Motion {
  const motion = new Motion();
  const random = mulberry32(seed);
  for (let i = 0; i < seconds * 50; i++) {
    const t = i / 50;
    const tilt = 0.6 + 0.0175 * Math.sin(2 * Math.PI * hz * t);
    const step = shake * Math.sin(2 * Math.PI * 1.8 * t);
    const x = noise * gaussian(random);
    motion.add(RR_START + i * 20, x, Math.sin(tilt) + step + noise * gaussian(random), Math.cos(tilt));
  }
  return motion;
}

describe('breathing from intervals between beats', () => {
  it.each([
    [0.25, 15],
    [0.1, 6],
    [0.2, 12],
    [0.4, 24],
  ])('%d Hz is %i ± 1 a minute', (hz, rate) => {
    for (const seed of SEEDS) {
      const breathing = fromRr(hz, 6, seed, 800);
      expect(Math.abs((breathing?.rate ?? NaN) - rate), `seed ${seed}`).toBeLessThan(1);
      expect(breathing?.quality, `seed ${seed}`).toBeGreaterThan(GOOD_BREATHING);
    }
  });

  it('noise is hardly ever taken for breathing', () => {
    const good = SEEDS.filter((seed) => (fromRr(0, 25, seed)?.quality ?? 0) >= GOOD_BREATHING);
    expect(good.length).toBeLessThanOrEqual(1);
  });

  it('sees no faster breaths than half the heart rate', () => {
    // 30 breaths a minute, seen 50 times a minute, look like 20: nobody can tell, but 30 must not be claimed.
    const breathing = fromRr(0.5, 3, 1, 1200);
    expect(breathing?.rate).toBeLessThanOrEqual(25);
  });

  it('needs 30 s', () => {
    const { times, intervals } = tachogram(25, 800, [[0.25, 30]]);
    expect(breathingOf(times, [intervals])).toBeUndefined();
    expect(breathingOf(new Float64Array(), [])).toBeUndefined();
  });
});

describe('breathing from an accelerometer on the chest', () => {
  it('0.25 Hz is 15 ± 1 a minute, with 10 mg of noise', () => {
    for (const seed of SEEDS.slice(0, 20)) {
      const breathing = chest(0.25, 0.01, seed).breathing();
      expect(Math.abs((breathing?.rate ?? NaN) - 15), `seed ${seed}`).toBeLessThan(1);
      expect(breathing?.quality, `seed ${seed}`).toBeGreaterThan(GOOD_BREATHING);
    }
  });

  it('is not believed while the wearer walks, nor from a table', () => {
    expect(chest(0.25, 0.01, 1, 60, 0.3).breathing()?.quality).toBe(0);
    const good = SEEDS.slice(0, 40).filter((seed) => {
      const motion = new Motion();
      const random = mulberry32(seed);
      for (let i = 0; i < 3000; i++) {
        const [x, y] = [0.003 * gaussian(random), 0.003 * gaussian(random)];
        motion.add(RR_START + i * 20, x, y, 1 + 0.003 * gaussian(random));
      }
      return (motion.breathing()?.quality ?? 0) >= GOOD_BREATHING;
    });
    expect(good).toEqual([]);
  });

  it('tells rest from movement, in g and in m/s²', () => {
    expect(chest(0.25, 0.01, 1).calm).toBe(1);
    expect(chest(0.25, 0.01, 1, 60, 1.5).calm).toBeLessThan(0.5);
    const metres = new Motion();
    const random = mulberry32(2);
    for (let i = 0; i < 500; i++) metres.add(i * 20, 0.1 * gaussian(random), 0, 9.81 + 0.1 * gaussian(random));
    expect(metres.calm).toBe(1);
  });
});

describe('spectrum of an uneven series', () => {
  it('a sine of amplitude 3 has 4.5 under its peak, wherever the samples are', () => {
    const random = mulberry32(1);
    const times = Float64Array.from({ length: 400 }, (_, i) => i * 500 + 300 * random());
    const values = times.map((time) => 100 + time / 1000 + 3 * Math.sin((2 * Math.PI * 0.2 * time) / 1000));
    for (const taper of [false, true]) {
      const spectrum = spectrumOf(times, values, { from: 0.02, to: 0.5, taper });
      if (!spectrum) throw new Error('no spectrum');
      expect(Math.abs(bandPower(spectrum, 0.15, 0.25) / 4.5 - 1)).toBeLessThan(0.06);
      expect(bandPower(spectrum, 0.3, 0.5)).toBeLessThan(0.1);
    }
  });

  it('refuses spans that would take for ever', () => {
    const times = Float64Array.of(0, 1e12, 2e12, 3e12, 4e12);
    expect(spectrumOf(times, Float64Array.of(1, 2, 1, 2, 1), { from: 0.04, to: 0.4 })).toBeUndefined();
  });

  it('never throws and never yields what is no number', () => {
    const columns = fc.array(fc.tuple(fc.double(), fc.double()), { maxLength: 60 });
    fc.assert(
      fc.property(columns, fc.boolean(), (rows, ordered) => {
        const times = Float64Array.from(rows, ([time], i) => (ordered ? i * 1000 : time));
        const values = Float64Array.from(rows, ([, value]) => value);
        const spectrum = spectrumOf(times, values, { from: 0.04, to: 0.4 });
        expect(spectrum?.density.every(Number.isFinite) ?? true).toBe(true);
        const breathing = breathingOf(times, [values]);
        if (breathing) expect([breathing.rate, breathing.quality].every(Number.isFinite)).toBe(true);
      }),
    );
  });
});
