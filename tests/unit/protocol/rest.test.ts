import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  GuestRequest,
  GuestResponse,
  SensorList,
  ViewerTokenRequest,
  ViewerTokenResponse,
} from '../../../src/protocol/rest.ts';

const SCHEMAS = { GuestRequest, GuestResponse, SensorList, ViewerTokenRequest, ViewerTokenResponse };

const SENSOR = {
  sensor_id: 'x',
  sensor_name: 'Strap',
  sensor_type: 'heart_rate_strap',
  connector_id: 'c',
  connector_name: 'My phone',
  activity_status: 'active',
  freshness: 'fresh',
  demo: false,
  attributes: [
    {
      id: 'heartrate',
      attribute_type: 'heartrate',
      attribute_name: 'heartrate',
      last_value: { payload: 72, timestamp: 1 },
    },
    { id: 'ecg', attribute_type: 'ecg', attribute_name: 'ecg', last_value: null },
  ],
};

describe('REST bodies', () => {
  it('guest names are trimmed, present and not endless', () => {
    expect(v.parse(GuestRequest, { display_name: '  Ada ' })).toEqual({ display_name: 'Ada' });
    for (const name of ['', '   ', 'x'.repeat(101), 7, null]) {
      expect(v.is(GuestRequest, { display_name: name })).toBe(false);
    }
  });

  it('sensor lists are read, unknown keys ignored', () => {
    expect(v.parse(SensorList, { sensors: [{ ...SENSOR, later: 1 }], total: 1 })).toEqual({ sensors: [SENSOR] });
    expect(v.is(SensorList, { sensors: [{ ...SENSOR, freshness: 'old' }] })).toBe(false);
  });

  it('viewer tokens are asked for some sensors or for all', () => {
    expect(v.is(ViewerTokenRequest, { sensor_ids: null, quality: 'high' })).toBe(true);
    expect(v.is(ViewerTokenRequest, { sensor_ids: ['a'], quality: 'minimal' })).toBe(true);
    expect(v.is(ViewerTokenRequest, { quality: 'high' })).toBe(false);
    expect(v.is(ViewerTokenRequest, { sensor_ids: null, quality: 'best' })).toBe(false);
  });

  it.each(Object.entries(SCHEMAS))('%s takes any JSON without throwing', (_, schema) => {
    fc.assert(fc.property(fc.jsonValue(), (json) => typeof v.safeParse(schema, json).success === 'boolean'));
  });
});
