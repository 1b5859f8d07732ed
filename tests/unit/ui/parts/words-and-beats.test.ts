import { describe, expect, it } from 'vitest';
import { RingBuffer } from '../../../../src/lib/ring-buffer.ts';
import { BEAT_DELAY, pendingBeats } from '../../../../src/ui/parts/trace/beats.ts';
import { summarise } from '../../../../src/ui/parts/trace/words.ts';

function heart(values: readonly number[]): RingBuffer {
  const ring = new RingBuffer(128);
  values.forEach((value, i) => ring.push(i * 1000, value));
  return ring;
}

describe('a trace in words', () => {
  it('is the mean of the last ten seconds and its direction', () => {
    expect(summarise(heart(Array.from({ length: 40 }, () => 72)))).toEqual({ value: 72, trend: 'steady' });
    expect(summarise(heart(Array.from({ length: 40 }, (_, i) => 70 + i)))?.trend).toBe('rising');
    expect(summarise(heart(Array.from({ length: 40 }, (_, i) => 150 - i)))?.trend).toBe('falling');
  });

  it('is nothing for no data, and steady for the first values', () => {
    expect(summarise(new RingBuffer(4))).toBeUndefined();
    expect(summarise(heart([80]))).toEqual({ value: 80, trend: 'steady' });
  });
});

describe('beats', () => {
  it('keep their real distances, a fixed moment late', () => {
    const ring = new RingBuffer(16);
    ring.push(10_000, 800);
    ring.push(10_850, 850);
    const waits = pendingBeats(ring, 0, 11_000);
    expect(waits).toEqual([BEAT_DELAY - 1000, BEAT_DELAY - 150]);
  });

  it('takes each beat once and leaves out what is too late to be shown truly', () => {
    const ring = new RingBuffer(16);
    ring.push(1_000, 800);
    ring.push(20_000, 800);
    expect(pendingBeats(ring, 0, 20_100)).toHaveLength(1);
    expect(pendingBeats(ring, 2, 20_100)).toEqual([]);
  });

  it('does not beat for a time in the far future (a clock that jumped)', () => {
    const ring = new RingBuffer(16);
    ring.push(900_000, 800);
    expect(pendingBeats(ring, 0, 20_000)).toEqual([]);
  });
});
