import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSensorBatch } from '../../../src/protocol/viewer.ts';

describe('sensor_batch', () => {
  it('reads lists and single samples as the real server sends them', () => {
    const push = {
      batch: {
        v1: {
          ecg: [
            { attribute_id: 'ecg', payload: 0.1, sensor_id: 'v1', timestamp: 1 },
            { attribute_id: 'ecg', payload: 0.2, sensor_id: 'v1', timestamp: 2, seq: 7 },
          ],
        },
        v2: { heartrate: { attribute_id: 'heartrate', payload: 72, sensor_id: 'v2', timestamp: 3 } },
      },
    };
    expect(parseSensorBatch(push)).toEqual({
      unreadable: 0,
      samples: [
        { sensorId: 'v1', attribute: 'ecg', payload: 0.1, timestamp: 1, seq: undefined },
        { sensorId: 'v1', attribute: 'ecg', payload: 0.2, timestamp: 2, seq: 7 },
        { sensorId: 'v2', attribute: 'heartrate', payload: 72, timestamp: 3, seq: undefined },
      ],
    });
  });

  it('counts what it cannot read and reads the rest', () => {
    const delta = { __delta_encoded__: true, data: 'AdAHAAAAAAAAAAAAAAoEAAoEAA==', sample_count: 4 };
    const good = { payload: null, timestamp: 5 };
    const push = { batch: { a: { ecg: delta, x: [good, 7, null, { payload: 1, timestamp: '5' }] }, b: [], c: null } };
    const read = parseSensorBatch(push);
    expect(read.samples).toEqual([{ sensorId: 'a', attribute: 'x', payload: null, timestamp: 5, seq: undefined }]);
    expect(read.unreadable).toBe(6);
  });

  it('reads delta-coded lists among others, with the ids of the enclosing keys', () => {
    const ecg = { __delta_encoded__: true, data: 'AdAHAAAAAAAAAAAAAAoEAAoEAA==', sample_count: 3 };
    const read = parseSensorBatch({ batch: { v1: { ecg, heartrate: { payload: 72, timestamp: 3 } } } });
    expect(read).toEqual({
      unreadable: 0,
      samples: [
        { sensorId: 'v1', attribute: 'ecg', payload: 0, timestamp: 2000, seq: undefined },
        { sensorId: 'v1', attribute: 'ecg', payload: Math.fround(0.1), timestamp: 2004, seq: undefined },
        { sensorId: 'v1', attribute: 'ecg', payload: Math.fround(0.2), timestamp: 2008, seq: undefined },
        { sensorId: 'v1', attribute: 'heartrate', payload: 72, timestamp: 3, seq: undefined },
      ],
    });
  });

  it.each([undefined, null, 7, 'x', [], {}, { batch: [] }, { batch: 'x' }])('says that %j is no batch', (push) => {
    expect(parseSensorBatch(push)).toEqual({ samples: [], unreadable: 1 });
  });

  it('takes any JSON without throwing, and every sample has a finite time', () => {
    const measurement = fc.record({ payload: fc.jsonValue(), timestamp: fc.jsonValue(), seq: fc.jsonValue() });
    const entry = fc.oneof(measurement, fc.array(fc.oneof(measurement, fc.jsonValue())), fc.jsonValue());
    const nearly = fc.record({ batch: fc.dictionary(fc.string(), fc.oneof(fc.dictionary(fc.string(), entry), entry)) });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearly), (json) =>
        parseSensorBatch(json).samples.every((sample) => Number.isFinite(sample.timestamp)),
      ),
    );
  });
});
