import { describe, expect, it } from 'vitest';
import { ViewerBuffer } from '../../../../server/socket/viewer-buffer.ts';
import { sample } from '../../../support/raw-client.ts';

describe('ViewerBuffer', () => {
  it('keeps every sample of waveforms and buttons, the latest of the rest, and is empty after a flush', () => {
    const buffer = new ViewerBuffer();
    buffer.take('s', [sample('ecg', 1), sample('hr', 60), sample('ecg', 2)], 150);
    buffer.take('s', [sample('hr', 61), sample('button', 3)], 100);
    const wire = JSON.parse(JSON.stringify(buffer.flush())) as unknown;
    const of = (attribute: string, payload: unknown) => ({ ...sample(attribute, payload), sensor_id: 's' });
    expect(wire).toEqual({
      s: { ecg: [of('ecg', 1), of('ecg', 2)], hr: of('hr', 61), button: [of('button', 3)] },
    });
    expect(buffer.empty).toBe(true);
    expect(JSON.stringify(buffer.flush())).toBe('{}');
  });

  it('marks what belongs to the past in lists, and leaves it out elsewhere', () => {
    const buffer = new ViewerBuffer();
    const [old, hr] = [sample('ecg', 0), sample('hr', 50)];
    buffer.take('s', [sample('ecg', 1), sample('hr', 60), old, hr], 200, new Set([old, hr]));
    buffer.take('t', [hr], 50, new Set([hr]));
    const wire = JSON.parse(JSON.stringify(buffer.flush())) as unknown;
    expect(wire).toEqual({
      s: {
        ecg: [
          { ...sample('ecg', 1), sensor_id: 's' },
          { ...old, sensor_id: 's', late: true },
        ],
        hr: { ...sample('hr', 60), sensor_id: 's' },
      },
    });
    buffer.take('s', [old], 50);
    expect(JSON.stringify(buffer.flush())).not.toContain('late');
  });

  it('says itself whose sample it is, whatever the sample claims', () => {
    const buffer = new ViewerBuffer();
    buffer.take('s', [sample('hr', 1, 0, { sensor_id: 'other' })], 50);
    expect(buffer.flush()['s']?.['hr']).toMatchObject({ sensor_id: 's' });
  });

  it('carries a sensor called __proto__', () => {
    const buffer = new ViewerBuffer();
    buffer.take('__proto__', [sample('__x', 1), sample('constructor', 1)], 50);
    expect(JSON.stringify(buffer.flush())).toContain('"__proto__":{"__x"');
  });

  it('forgets sensors that are no longer seen', () => {
    const buffer = new ViewerBuffer();
    buffer.take('a', [sample('hr', 1)], 50);
    buffer.take('b', [sample('hr', 1)], 50);
    buffer.retain((id) => id === 'b');
    expect(Object.keys(buffer.flush())).toEqual(['b']);
  });

  it('is bounded: full lists are dropped and counted, the latest values stay', () => {
    const buffer = new ViewerBuffer();
    const frame = Array.from({ length: 1000 }, (_, i) => sample('ecg', i));
    let taken = 0;
    for (; taken < 500_000; taken += 1000) {
      buffer.take('s', [...frame, sample('hr', taken)], 60_060);
      if (buffer.dropped > 0) break;
    }
    expect(taken).toBeGreaterThan(100_000);
    expect(taken).toBeLessThan(200_000);
    const { s } = buffer.flush();
    expect(s?.['hr']).toMatchObject({ payload: taken });
    expect((s?.['ecg'] as unknown[]).length + buffer.dropped).toBe(taken + 1000);
  });
});
