/** Which reading comes first, and how its numbers and words are written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enSensors } from '../../../../src/i18n/en-sensors.ts';
import { fieldName, readingName } from '../../../../src/i18n/reading-name.ts';
import { RingBuffer } from '../../../../src/lib/ring-buffer.ts';
import { attributeType, knownTypes } from '../../../../src/model/attribute-types.ts';
import type { DeviceCommand } from '../../../../src/model/command.ts';
import { commandWords } from '../../../../src/ui/panels/command-words.ts';
import { staleAfter } from '../../../../src/ui/panels/freshness.ts';
import { lostPercent, rateWords } from '../../../../src/ui/panels/rate-words.ts';
import { lineLabel, traceColour, traceMode } from '../../../../src/ui/panels/reading-look.ts';
import { digitsFor, fieldsOf, numberStyle, readingOf, readingsOf } from '../../../../src/ui/panels/reading.ts';
import { readingWords } from '../../../../src/ui/panels/words-of-reading.ts';
import { scriptedStream } from '../../../support/scripted-app.ts';

const named = (attribute: string, type = attribute) => ({ attribute, attributeType: type });
const first = (...attributes: string[]): string | undefined =>
  readingsOf(attributes.map((one) => named(one)))[0]?.attribute;

describe('the reading a card begins with', () => {
  it.each([
    ['heartrate', ['battery', 'rr_interval', 'heartrate', 'ecg', 'accelerometer']],
    ['ecg', ['rr_interval', 'accelerometer', 'ecg']],
    ['spo2', ['pulse_rate', 'spo2', 'oximeter_status']],
    ['power', ['cadence', 'power', 'speed']],
    ['body_temperature', ['body_temperature_site', 'body_temperature']],
    ['eye_gaze', ['eye_worn', 'eye_blink', 'imu', 'eye_gaze', 'battery']],
    ['accelerometer', ['button', 'battery', 'accelerometer', 'geolocation']],
    ['soil', ['status', 'soil', 'battery']],
    ['button', ['battery', 'button']],
  ])('%s', (expected, attributes) => {
    expect(first(...attributes)).toBe(expected);
  });

  it('is measured rather than computed, whatever the type says', () => {
    const readings = readingsOf([
      { ...named('heartrate_ecg', 'heartrate_estimate') },
      { ...named('respiration_rate'), estimated: true },
      named('temperature'),
    ]);
    expect(readings.map(({ attribute, estimated }) => [attribute, estimated])).toEqual([
      ['temperature', false],
      ['heartrate_ecg', true],
      ['respiration_rate', true],
    ]);
  });

  it('does not depend on the order equals came in, nor loses any', () => {
    const types = fc.constantFrom(...knownTypes().map(({ type }) => type), 'unknown');
    fc.assert(
      fc.property(fc.uniqueArray(types, { maxLength: 12 }), (attributes) => {
        const order = readingsOf(attributes.map((one) => named(one))).map(({ attribute }) => attribute);
        expect([...order].sort()).toEqual([...attributes].sort());
      }),
    );
    expect(first()).toBeUndefined();
  });

  it('is found by its type where the id is another', () => {
    const [main] = readingsOf([named('battery'), named('eeg_tp9', 'eeg'), named('eeg_af7', 'eeg')]);
    expect(main).toMatchObject({ attribute: 'eeg_tp9', view: 'waveform' });
  });
});

describe('names', () => {
  it.each(knownTypes().map(({ type }) => type))('%s is called something readable', (type) => {
    const name = readingName('en', type);
    expect(name).toMatch(/^\p{Lu}|^pH$/u);
    expect(name).not.toMatch(/_/);
  });

  it('of several of a kind, of qualities and of what nobody knows', () => {
    expect(readingName('en', 'eeg_tp9', 'eeg')).toBe('EEG tp9');
    expect(readingName('en', 'temperature_2')).toBe('Temperature 2');
    expect(readingName('en', 'quality_ecg', 'signal_quality')).toBe('Signal quality: ECG');
    expect(readingName('en', 'soil_moisture', 'generic')).toBe('Soil moisture');
    expect(readingName('en', 'constructor')).toBe('Constructor');
    expect(fieldName('en', 'latitude')).toBe('Latitude');
    expect(fieldName('en', 'toString')).toBe('toString');
  });
});

describe('numbers', () => {
  const write = (type: string, value: number, field = ''): string => {
    const known = attributeType(type);
    const style = numberStyle(known, field);
    return `${enSensors.reading.number(value, digitsFor(value, style, known))} ${style.unit}`.trim();
  };

  it('are written with the digits and the unit of their type or field', () => {
    expect(write('heartrate', 71.6)).toBe('72 bpm');
    expect(write('pressure', 1013.24)).toBe('1,013.2 hPa');
    expect(write('accelerometer', -0.04, 'x')).toBe('0.0 m/s²');
    expect(write('geolocation', 47.378177, 'latitude')).toBe('47.37818 °');
    expect(write('geolocation', 12.4, 'accuracy')).toBe('12 m');
    expect(write('imu', 9.81, 'accelerometer.z')).toBe('9.8 m/s²');
    expect(write('imu', 0.123, 'gyroscope.x')).toBe('0.12 rad/s');
  });

  it('of no known type keep telling digits', () => {
    expect(write('soil', 12_345.678)).toBe('12,346');
    expect(write('soil', 3.14159)).toBe('3.14');
    expect(write('soil', 0.000123)).toBe('0.000123');
    expect(write('soil', 0)).toBe('0.00');
  });

  it('have room for everything in their range', () => {
    for (const type of knownTypes()) {
      const { room, digits } = numberStyle(type);
      for (const end of type.range ?? []) {
        const written = enSensors.reading.number(end, digits);
        expect(written.length, `${type.type} ${written}`).toBeLessThanOrEqual(room);
      }
    }
  });

  it('of a sample: documented ones that come, then others, no more than can be told apart', () => {
    const accelerometer = readingOf(named('accelerometer'));
    expect(fieldsOf(accelerometer, [])).toEqual(['x', 'y', 'z']);
    expect(fieldsOf(accelerometer, ['w', 'z', 'x'])).toEqual(['x', 'z', 'w']);
    expect(fieldsOf(readingOf(named('soil')), [])).toEqual([]);
    expect(
      fieldsOf(
        accelerometer,
        Array.from({ length: 30 }, (_, i) => `f${i}`),
      ),
    ).toHaveLength(9);
  });
});

describe('looks', () => {
  it('follow hints, categories and what a type is always drawn as', () => {
    expect(traceColour(attributeType('heartrate'))).toBe('heart');
    expect(traceColour(attributeType('salinity'))).toBe('water');
    expect(traceColour(attributeType('soil'))).toBe('accent');
    expect(traceMode(attributeType('ecg'))).toBe('sweep');
    expect(traceMode(attributeType('respiration'))).toBe('slow-sweep');
    expect(traceMode(attributeType('accelerometer'))).toBe('sweep');
    expect(traceMode(attributeType('hrv'))).toBeUndefined();
    expect(['x', 'rmssd', 'sdnn'].map(lineLabel)).toEqual(['x', 'b', 'c']);
  });

  it('stale is three of the usual steps, never under 6 s', () => {
    const ring = (...times: number[]) => {
      const made = new RingBuffer(8);
      for (const time of times) made.push(time, 1);
      return made;
    };
    const temperature = readingOf(named('temperature'));
    expect(staleAfter(temperature, ring(0, 60_000, 120_000))).toBe(180_000);
    expect(staleAfter(temperature, ring(0, 1000, 2000))).toBe(6000);
    expect(staleAfter(temperature, ring(0))).toBe(60_000);
    expect(staleAfter(readingOf(named('heartrate')), ring(0))).toBe(6000);
  });
});

describe('words', () => {
  const said = (attribute: string, latest: unknown): string | undefined =>
    readingWords(readingOf({ ...named(attribute), latest: latest as never }), enSensors);

  it.each([
    ['button', { value: 3, event: 'press' }, 'Button 3 pressed'],
    ['button', { value: 3, event: 'release' }, 'Button 3 released'],
    ['button', 5, 'Button 5 pressed'],
    ['eye_worn', true, 'Yes'],
    ['body_location', 'Chest', 'Chest'],
    ['rich_presence', { title: 'Rowing', description: 'Lake' }, 'Rowing'],
    ['glucose_details', { fasting: true, meal: null, carbs: 12.5, nested: {} }, 'fasting Yes, carbs 12.50'],
    ['classification', [1, 2, 3], '3 values'],
    ['status', '', undefined],
    ['status', null, undefined],
    ['status', undefined, undefined],
  ])('%s %o', (attribute, latest, expected) => {
    expect(said(attribute, latest)).toBe(expected);
  });

  it('are cut where they are long, and come from anything without a throw', () => {
    expect(said('marker', 'x'.repeat(500))).toHaveLength(120);
    fc.assert(fc.property(fc.jsonValue(), (latest) => said('status', latest) !== ''));
  });
});

describe('rates', () => {
  const rate = (change: Parameters<typeof scriptedStream>[1]) => rateWords(scriptedStream('ecg', change), enSensors);

  it('are said against what was asked for, losses only where there are some', () => {
    expect(rate({ rate: 128.94, requestedRate: 130 })).toEqual({ rate: '128.9 of 130 a second', lost: undefined });
    expect(rate({ rate: 0.2, requestedRate: 0.2 }).rate).toBe('0.2 of 0.20 a second');
    expect(rate({ rate: 1.2, requestedRate: 0 }).rate).toBe('1.2 a second');
    expect(rate({ rate: 0, requestedRate: 0 }).rate).toBe('When it changes');
    expect(rate({ lost: 25, samples: 975 }).lost).toBe('2.5 % lost');
    expect(rate({ lost: 1, samples: 99_999 }).lost).toBe('under 0.1 % lost');
    expect(lostPercent(scriptedStream('ecg', { lost: 0, samples: 0 }))).toBe(0);
  });
});

describe('commands in words', () => {
  const led = { mode: 'constant', r: 255, g: 0, b: 0, intensity: 50, delay: 2000 } as const;
  const CASES: [DeviceCommand, string][] = [
    [{ command: 'vibrate', speed: 0.5 }, 'Vibrate at 50 %'],
    [{ command: 'rotate', speed: 1, clockwise: false }, 'Turn anticlockwise at 100 %'],
    [{ command: 'linear', position: 0.25, duration: 500 }, 'Move to 25 % within 0.5 s'],
    [{ command: 'stop' }, 'Stop moving'],
    [{ command: 'set_led', led }, 'Light on, red'],
    [{ command: 'set_led', led: { ...led, g: 200 } }, 'Light on, yellow'],
    [{ command: 'set_led', led: { ...led, r: 0 } }, 'Light on, black'],
    [{ command: 'set_led', led: { ...led, mode: 'off' } }, 'Light off'],
    [{ command: 'set_led', led: { ...led, mode: 'breathe' } }, 'Light swelling to 50 % every 2.0 s'],
    [{ command: 'set_led', led: { ...led, mode: 'one_shot' } }, 'One flash of light at 50 %'],
    [{ command: 'play_tone', frequency: 440, duration: 1500 }, 'Tone of 440 Hz for 1.5 s'],
    [{ command: 'play_sample', sample: 0 }, 'Play its sound 1'],
  ];
  it.each(CASES)('%o', (command, expected) => {
    expect(commandWords(command, enSensors.commands)).toBe(expected);
  });
});
