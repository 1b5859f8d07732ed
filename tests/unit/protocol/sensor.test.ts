import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block } from '../../../src/model/block.ts';
import {
  CONNECTOR_NAME_MAX_BYTES,
  isConnectorName,
  registerPayload,
  SENSOR_JOIN_KEYS,
  sensorJoinParams,
  wireMeasurements,
} from '../../../src/protocol/sensor.ts';
import { sensorTopic, viewerTopic } from '../../../src/protocol/topics.ts';

const STRAP = { sensorId: 'x', name: 'Strap', sensorType: 'heart_rate_strap', demo: false };
const CONNECTOR = { connectorId: 'conn1', connectorName: 'My Phone' };

describe('joining', () => {
  it('sends all nine keys and no other, attributes as an object', () => {
    const params = sensorJoinParams(STRAP, CONNECTOR, 'guest:a:b');
    expect(Object.keys(params).sort()).toEqual([...SENSOR_JOIN_KEYS].sort());
    expect(JSON.stringify(params.attributes)).toBe('{}');
    expect(params).toMatchObject({ sensor_id: 'x', connector_id: 'conn1', bearer_token: 'guest:a:b' });
  });

  it('marks demo data', () => {
    expect(sensorJoinParams({ ...STRAP, demo: true }, CONNECTOR, 't')).toMatchObject({ demo: true });
  });

  it('names topics', () => {
    expect(sensorTopic('abc')).toBe('sensocto:sensor:abc');
    expect(viewerTopic('tok')).toBe('viewer:data:tok');
  });

  it('registers an attribute with metadata as an object', () => {
    const registration = { attribute: 'heartrate', attributeType: 'heartrate', samplingRate: 1 };
    expect(registerPayload(registration)).toEqual({
      action: 'register',
      attribute_id: 'heartrate',
      metadata: { attribute_id: 'heartrate', attribute_type: 'heartrate', sampling_rate: 1 },
    });
  });
});

describe('measurements', () => {
  it('carry plain numbers, whole milliseconds and running numbers', () => {
    const block: Block = {
      kind: 'numeric',
      attribute: 'heartrate',
      times: Float64Array.of(1_795_428_484_382.4, 1_795_428_485_382.6),
      values: Float32Array.of(72, 73),
    };
    expect(wireMeasurements(block, 9)).toEqual([
      { attribute_id: 'heartrate', payload: 72, timestamp: 1_795_428_484_382, seq: 9 },
      { attribute_id: 'heartrate', payload: 73, timestamp: 1_795_428_485_383, seq: 10 },
    ]);
  });

  it('keep order, count and structured payloads of any block', () => {
    const times = fc.array(fc.double({ min: 0, max: 2e12, noNaN: true }), { maxLength: 50 });
    fc.assert(
      fc.property(times, fc.nat(), fc.jsonValue(), (at, first, payload) => {
        const block: Block = {
          kind: 'structured',
          attribute: 'battery',
          times: Float64Array.from(at),
          payloads: at.map(() => payload as null),
        };
        const out = wireMeasurements(block, first);
        expect(out.map((one) => one.seq)).toEqual(at.map((_, i) => first + i));
        expect(out.every((one) => Number.isInteger(one.timestamp) && one.payload === payload)).toBe(true);
      }),
    );
  });
});

describe('a button', () => {
  it('has its number as the payload and what happened beside it', () => {
    const payloads = [{ value: 3, event: 'press' }, { value: 3, event: 'release' }, 4, { value: 3 }];
    const times = Float64Array.of(1, 2, 3, 4);
    const of = (attribute: string) => wireMeasurements({ kind: 'structured', attribute, times, payloads }, 0);
    expect(of('button')).toEqual([
      { attribute_id: 'button', payload: 3, event: 'press', timestamp: 1, seq: 0 },
      { attribute_id: 'button', payload: 3, event: 'release', timestamp: 2, seq: 1 },
      { attribute_id: 'button', payload: 4, timestamp: 3, seq: 2 },
      { attribute_id: 'button', payload: { value: 3 }, timestamp: 4, seq: 3 },
    ]);
    expect(of('made_up')[0]?.payload).toEqual({ value: 3, event: 'press' });
  });
});

describe('connector names', () => {
  it('are measured in bytes', () => {
    expect(isConnectorName('')).toBe(false);
    expect(isConnectorName('a'.repeat(CONNECTOR_NAME_MAX_BYTES))).toBe(true);
    expect(isConnectorName('ä'.repeat(50))).toBe(true);
    expect(isConnectorName('ä'.repeat(51))).toBe(false);
    expect(isConnectorName('😀'.repeat(26))).toBe(false);
  });
});
