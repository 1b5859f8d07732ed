import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hrvBandsOf, hrvOf } from '../../../src/signal/hrv.ts';
import { repeated, rrOf, tachogram, type Rr } from '../../fixtures/signal/rr.ts';

function hrv({ times, intervals }: Rr): ReturnType<typeof hrvOf> {
  return hrvOf(times, intervals);
}

describe('HRV in the time domain', () => {
  it('alternating 800 and 860 ms, 50 beats: RMSSD 60, pNN50 100 %, SDNN 30·√(50/49), 60 000/830 bpm', () => {
    const result = hrv(rrOf(repeated([800, 860], 25)));
    expect(result).toMatchObject({ ok: true, rmssd: 60, pnn50: 100 });
    expect(result.ok && result.sdnn).toBeCloseTo(30 * Math.sqrt(50 / 49), 10);
    expect(result.ok && result.heartRate).toBeCloseTo(60_000 / 830, 10);
    expect(result.quality).toBe(1);
  });

  it('800, 820, 840, 820: RMSSD 20, pNN50 0, SDNN √(200·48/47)', () => {
    const result = hrv(rrOf(repeated([800, 820, 840, 820], 12)));
    expect(result).toMatchObject({ ok: true, rmssd: 20, pnn50: 0 });
    expect(result.ok && result.sdnn).toBeCloseTo(Math.sqrt((200 * 48) / 47), 10);
  });

  it('800, 850, 901: differences of exactly 50 do not count for pNN50, of 51 they do', () => {
    // Per round of three: 50, 51, and −101 to the next.
    const result = hrv(rrOf(repeated([800, 850, 901], 16)));
    const pairs = 47;
    expect(result.ok && result.pnn50).toBeCloseTo((100 * (16 + 15)) / pairs, 10);
    expect(result.ok && result.rmssd).toBeCloseTo(Math.sqrt((16 * 50 ** 2 + 16 * 51 ** 2 + 15 * 101 ** 2) / pairs), 10);
  });

  it('a constant rhythm has none', () => {
    expect(hrv(rrOf(repeated([750], 60)))).toMatchObject({ ok: true, rmssd: 0, sdnn: 0, pnn50: 0, heartRate: 80 });
  });

  it('three ectopic beats and a missed one change RMSSD by less than 5 %; taken as they come they double it', () => {
    const clean = tachogram(60, 850, [[0.25, 30]], { noise: 8, seed: 4 });
    const spoilt = [...clean.intervals];
    for (const at of [12, 30, 50]) {
      const early = 0.35 * (spoilt[at] ?? 0);
      spoilt[at] = (spoilt[at] ?? 0) - early;
      spoilt[at + 1] = (spoilt[at + 1] ?? 0) + early;
    }
    spoilt.splice(40, 2, (spoilt[40] ?? 0) + (spoilt[41] ?? 0));
    const expected = hrv(clean);
    const result = hrv(rrOf(spoilt));
    if (!expected.ok || !result.ok) throw new Error('no result');
    expect(result.counts).toMatchObject({ ectopic: 6, missed: 1 });
    expect(Math.abs(result.rmssd / expected.rmssd - 1)).toBeLessThan(0.05);
    expect(result.quality).toBeLessThan(0.95);
    const naive = Math.sqrt(
      spoilt.slice(1).reduce((sum, one, i) => sum + (one - (spoilt[i] ?? 0)) ** 2, 0) / (spoilt.length - 1),
    );
    expect(naive).toBeGreaterThan(2 * expected.rmssd);
  });

  it('takes no difference across a gap', () => {
    const before = repeated([800], 30);
    const after = repeated([900], 30);
    const { times, intervals } = rrOf([...before, ...after]);
    const gap = times.map((time, i) => (i >= 30 ? time + 3000 : time));
    expect(hrvOf(times, intervals)).toMatchObject({ ok: true, rmssd: 100 / Math.sqrt(59) });
    expect(hrvOf(gap, intervals)).toMatchObject({ ok: true, rmssd: 0 });
  });

  it.each([
    ['20 s are too short', repeated([800], 25), 'too-short'],
    ['half of it is noise', repeated([800, 1900, 300, 800], 16), 'artefacts'],
    ['nothing', [], 'too-short'],
    ['30 s at 30 bpm are too few', repeated([1990], 16), 'too-few-beats'],
  ])('says why there is no result: %s', (_, intervals, reason) => {
    expect(hrv(rrOf(intervals))).toMatchObject({ ok: false, reason });
  });

  it('says so when a third of the beats never came', () => {
    const { times, intervals } = rrOf(repeated([800], 90));
    const keep = (_: number, i: number): boolean => i % 3 !== 0;
    expect(hrvOf(times.filter(keep), intervals.filter(keep))).toMatchObject({ ok: false, reason: 'artefacts' });
  });
});

describe('HRV in the frequency domain', () => {
  it('finds the power of waves put in: 30 ms at 0.1 Hz is 450 ms², 20 ms at 0.25 Hz is 200 ms²', () => {
    const { times, intervals } = tachogram(300, 900, [
      [0.1, 30],
      [0.25, 20],
    ]);
    const bands = hrvBandsOf(times, intervals);
    if (!bands.ok) throw new Error(bands.reason);
    expect(bands.lf / 450).toBeGreaterThan(0.93);
    expect(bands.lf / 450).toBeLessThan(1.07);
    expect(bands.hf / 200).toBeGreaterThan(0.93);
    expect(bands.hf / 200).toBeLessThan(1.07);
    expect(bands.ratio).toBeCloseTo(bands.lf / bands.hf, 10);
  });

  it('stays within 15 % with one beat in twenty ectopic', () => {
    const { intervals } = tachogram(300, 900, [
      [0.1, 30],
      [0.25, 20],
    ]);
    const spoilt = [...intervals].map((interval, i) => interval * (i % 40 === 20 ? 0.6 : i % 40 === 21 ? 1.4 : 1));
    const { times, intervals: columns } = rrOf(spoilt);
    const bands = hrvBandsOf(times, columns);
    if (!bands.ok) throw new Error(bands.reason);
    expect(Math.abs(bands.lf / 450 - 1)).toBeLessThan(0.15);
    expect(Math.abs(bands.hf / 200 - 1)).toBeLessThan(0.15);
  });

  it('needs two minutes, and nine tenths of them good', () => {
    const short = tachogram(100, 900, [[0.1, 30]]);
    expect(hrvBandsOf(short.times, short.intervals)).toMatchObject({ ok: false, reason: 'too-short' });
    const bad = rrOf(repeated([...repeated([900], 10), 1500], 40));
    expect(hrvBandsOf(bad.times, bad.intervals)).toMatchObject({ ok: false, reason: 'artefacts' });
    const flat = rrOf(repeated([900], 200));
    expect(hrvBandsOf(flat.times, flat.intervals)).toMatchObject({ ok: true, lf: 0, hf: 0, ratio: undefined });
  });
});

describe('HRV of anything', () => {
  it('never throws and never yields what is no number', () => {
    const anything = fc.array(fc.oneof(fc.double(), fc.double({ min: 300, max: 1900 })), { maxLength: 300 });
    fc.assert(
      fc.property(anything, anything, fc.boolean(), (some, others, ordered) => {
        const intervals = Float64Array.from(some);
        const times = ordered ? rrOf(some).times : Float64Array.from(others);
        for (const result of [hrvOf(times, intervals), hrvBandsOf(times, intervals)]) {
          for (const value of Object.values(result)) {
            if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
          }
          expect(result.quality).toBeGreaterThanOrEqual(0);
          expect(result.quality).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
