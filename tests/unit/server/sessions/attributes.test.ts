import { describe, expect, it } from 'vitest';
import { inferType } from '../../../../server/sessions/attributes.ts';
import { normaliseMotion } from '../../../../server/sessions/imu.ts';

describe('inferType', () => {
  it.each([
    ['bpm', 'heartrate'],
    ['battery_level', 'battery'],
    ['gps', 'geolocation'],
    ['buttons', 'button'],
    ['heartbeat', 'ecg'],
    ['gyroscope', 'imu'],
    ['breath', 'respiration'],
    ['heart_rate_variability', 'hrv'],
    ['gaze', 'eye_gaze'],
    ['temp', 'temperature'],
    ['humidity', 'humidity'],
    ['barometer', 'pressure'],
    ['now_playing', 'rich_presence'],
    ['pose_skeleton', 'skeleton'],
    ['rr_interval', 'numeric'],
    ['constructor', 'numeric'],
  ])('%s → %s', (id, type) => {
    expect(inferType(id, 1)).toBe(type);
  });

  it.each([
    [{ level: 1, charging: 'no' }, 'battery'],
    [{ level: 1 }, 'numeric'],
    [{ latitude: null }, 'geolocation'],
    [{ artist: 'x' }, 'rich_presence'],
    [{ landmarks: [] }, 'skeleton'],
    [[1], 'numeric'],
    [null, 'numeric'],
    ['landmarks', 'numeric'],
  ])('by shape %j → %s', (payload, type) => {
    expect(inferType('unknown', payload)).toBe(type);
  });

  it('believes the id before the shape', () => {
    expect(inferType('ecg', { latitude: 1 })).toBe('ecg');
  });
});

describe('normaliseMotion', () => {
  const sample = (attribute_id: string, payload: unknown) => ({ attribute_id, payload, timestamp: 5, seq: 1 });

  it('splits seven columns into axes and keeps only the three keys', () => {
    expect(normaliseMotion(sample('imu', '99,1,-2,+3.5,4e1,.5, 6'))).toEqual({
      attribute_id: 'imu',
      payload: { accelerometer: { x: 1, y: -2, z: 3.5 }, gyroscope: { x: 40, y: 0, z: 0 } },
      timestamp: 5,
    });
  });

  it.each([
    ['imu', '1,2,3,4,5,6'],
    ['imu', { accelerometer: {} }],
    ['motion', '1,2,3,4,5,6,7'],
  ])('leaves %s %j alone', (id, payload) => {
    const given = sample(id, payload);
    expect(normaliseMotion(given)).toBe(given);
  });

  it('never makes a number that JSON cannot carry', () => {
    const { payload } = normaliseMotion(sample('imu', '0,1e999,NaN,Infinity,-,+,x'));
    expect(payload).toEqual({ accelerometer: { x: 0, y: 0, z: 0 }, gyroscope: { x: 0, y: 0, z: 0 } });
  });
});
