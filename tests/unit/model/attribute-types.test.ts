import { describe, expect, it } from 'vitest';
import { attributeType, knownTypes } from '../../../src/model/attribute-types.ts';
import { isAttributeId } from '../../../src/model/attribute.ts';

/** The platform's own list, as published: 43 names. */
const PLATFORM =
  `ecg hrv hr heartrate spo2 respiration imu accelerometer gyroscope magnetometer gravity quaternion euler heading
  tap orientation skeleton geolocation altitude speed temperature humidity pressure light proximity gas air_quality color
  battery button led speaker microphone body_location rich_presence steps calories distance buttplug eye_gaze eye_blink
  eye_worn eye_aperture`
    .trim()
    .split(/\s+/);

/** Documented and simulated, absent from that list. */
const MARINE =
  `water_temperature sea_surface_temperature sst salinity ph dissolved_oxygen turbidity depth light_par nitrate
  phosphate ammonia alkalinity current_speed current_direction wave_height wind_speed solar_irradiance fish_count
  species_diversity coral_coverage algae_coverage bleaching_index inference_confidence blood_pressure_sys respiratory_rate
  flow height oxygen acidity conductivity`
    .trim()
    .split(/\s+/);

describe('attribute types', () => {
  it.each([...PLATFORM, ...MARINE])('know %s', (type) => {
    expect(attributeType(type).category).not.toBe('generic');
  });

  it('of the platform are 43', () => {
    expect(new Set(PLATFORM).size).toBe(43);
  });

  it('are ids themselves, with sensible ranges and fields where they need them', () => {
    for (const { type, range, shape, fields, digits } of knownTypes()) {
      expect(isAttributeId(type), type).toBe(true);
      if (range) expect(range[0], type).toBeLessThan(range[1]);
      if (shape === 'fields') expect(fields?.length, type).toBeGreaterThan(0);
      expect(digits).toBeGreaterThanOrEqual(0);
    }
  });

  it('know the heart, whatever its case and number', () => {
    expect(attributeType('heartrate')).toMatchObject({ unit: 'bpm', category: 'health', digits: 0 });
    expect(attributeType('HeartRate')).toBe(attributeType('heartrate'));
    expect(attributeType('heartrate_2')).toBe(attributeType('heartrate'));
  });

  it('pass unknown ones as generic, also names of object members', () => {
    for (const type of ['made_up', 'constructor', '__proto__', '']) {
      expect(attributeType(type)).toEqual({ type, category: 'generic', shape: 'number', unit: '', digits: 2 });
    }
  });

  it('say what is computed, not measured', () => {
    expect(
      knownTypes()
        .filter(({ estimated }) => estimated)
        .map(({ type }) => type),
    ).toEqual(['hrv', 'hrv_bands', 'heartrate_estimate', 'respiration_rate', 'signal_quality']);
  });
});
