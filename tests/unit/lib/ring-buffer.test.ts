import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RingBuffer } from '../../../src/lib/ring-buffer.ts';

describe('RingBuffer', () => {
  it('is empty at first: no value, never 0', () => {
    const ring = new RingBuffer(4);
    expect(ring.length).toBe(0);
    expect(ring.latest()).toBeUndefined();
    expect(ring.valueAt(0)).toBeNaN();
    expect(ring.timeAt(-1)).toBeNaN();
  });

  it('keeps the last N of anything pushed, appended or cleared, in order', () => {
    const pushed = fc.record({ kind: fc.constant('push' as const), value: fc.integer({ min: -1000, max: 1000 }) });
    const appended = fc.record({
      kind: fc.constant('append' as const),
      values: fc.array(fc.integer({ max: 99, min: 0 })),
    });
    const cleared = fc.record({ kind: fc.constant('clear' as const) });
    const steps = fc.array(fc.oneof(pushed, pushed, appended, cleared), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), steps, (capacity, script) => {
        const ring = new RingBuffer(capacity);
        let model: number[] = [];
        for (const step of script) {
          if (step.kind === 'clear') {
            ring.clear();
            model = [];
          } else {
            const values = step.kind === 'push' ? [step.value] : step.values;
            const times = values.map((_, i) => model.length + i);
            if (step.kind === 'push') ring.push(model.length, step.value);
            else ring.append(Float64Array.from(times), Float32Array.from(values));
            model.push(...values);
          }
        }
        const kept = model.slice(-capacity);
        expect(ring.written).toBe(model.length);
        expect(ring.length).toBe(kept.length);
        expect(kept.map((_, i) => ring.valueAt(i))).toEqual(kept);
        expect(kept.map((_, i) => ring.timeAt(i))).toEqual(kept.map((_, i) => model.length - kept.length + i));
        expect(ring.latest()?.value).toBe(kept.at(-1));
        expect(ring.valueAt(kept.length)).toBeNaN();
      }),
    );
  });
});
