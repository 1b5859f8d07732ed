import { describe, expect, it } from 'vitest';
import { BEAT, cleanRr, normalBeats } from '../../../src/signal/rr-clean.ts';
import { repeated, rrOf, tachogram } from '../../fixtures/signal/rr.ts';

const usual = repeated([800, 810, 790], 5);

function statusOf(intervals: readonly number[]): number[] {
  const { times, intervals: columns } = rrOf(intervals);
  return [...cleanRr(times, columns).status];
}

function around(...odd: readonly number[]): number[] {
  return statusOf([...usual, ...odd, ...usual]).slice(usual.length - 1, usual.length + odd.length + 1);
}

describe('cleaning intervals', () => {
  const { normal, range, ectopic, missed, change } = BEAT;

  it('leaves sinus rhythm alone, with a deep breath in it (±15 %)', () => {
    const { times, intervals } = tachogram(120, 900, [[0.1, 135]], { noise: 15 });
    expect(cleanRr(times, intervals).counts).toMatchObject({ normal: intervals.length, gaps: 0 });
  });

  it.each([
    ['a premature beat and its pause', [480, 1120], [ectopic, ectopic]],
    ['a premature beat put in between two', [380, 420], [ectopic, ectopic]],
    ['a premature beat that shifts the rhythm', [560], [change]],
    ['a beat that was not seen', [1610], [missed]],
    ['a beat seen in a T wave', [270], [range]],
    ['contact lost', [2400], [range]],
    ['no number', [NaN], [range]],
    ['zero', [0], [range]],
    ['20 % more, just so', [960], [normal]],
    ['a little over 20 % more', [985], [change]],
  ])('%s', (_, odd, expected) => {
    expect(around(...odd)).toEqual([normal, ...expected, normal]);
  });

  it('does not condemn the beats around a bad one, nor around several', () => {
    expect(around(480, 1120, 800, 500, 1100, 810)).toEqual([0, ectopic, ectopic, 0, ectopic, ectopic, 0, 0]);
  });

  it('follows a heart that gets faster', () => {
    const rising = Array.from({ length: 60 }, (_, i) => 1000 - i * 9);
    expect(statusOf(rising).every((status) => status === normal)).toBe(true);
  });

  it('counts, and finds where beats are missing between two', () => {
    const { times, intervals } = rrOf([...usual, 480, 1120, ...usual]);
    const late = times.map((time, i) => (i >= 20 ? time + 1700 : time));
    const clean = cleanRr(late, intervals);
    expect(clean.counts).toEqual({ beats: 32, normal: 30, range: 0, ectopic: 2, missed: 0, change: 0, gaps: 1 });
    expect(clean.linked[20]).toBe(0);
    expect(clean.linked[21]).toBe(1);
    expect(normalBeats(late, intervals, clean).intervals).toEqual(Float64Array.from([...usual, ...usual]));
  });

  it('takes nothing, one, and columns of different length', () => {
    expect(cleanRr(new Float64Array(), new Float64Array()).counts).toMatchObject({ beats: 0, gaps: 0 });
    expect(statusOf([800])).toEqual([normal]);
    expect(cleanRr(Float64Array.of(1, 2), Float64Array.of(800)).status).toHaveLength(1);
  });
});
