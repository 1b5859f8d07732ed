import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHeartRate } from '../../../../src/device/demo/encode.ts';
import {
  BODY_SENSOR_LOCATION,
  HEART_RATE_MEASUREMENT,
  parseHeartRate,
} from '../../../../src/device/profiles/heart-rate.ts';
import type { Decoded } from '../../../../src/device/profiles/profile.ts';
import { decoderFor } from '../../../../src/device/profiles/registry.ts';
import { BAD_HEART_RATE, fromHex, HEART_RATE_FIXTURES } from '../../../fixtures/heart-rate.ts';

function decode(uuid: string, bytes: Uint8Array<ArrayBuffer>) {
  const decoder = decoderFor(uuid);
  if (!decoder) throw new Error(`no decoder for ${uuid}`);
  return decoder(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

function values(decoded: Decoded, attribute: string): number[] {
  return decoded.readings.flatMap((reading) =>
    reading.kind === 'numeric' && reading.attribute === attribute ? [...reading.values] : [],
  );
}

describe('heart rate measurement, literal packets', () => {
  it.each(HEART_RATE_FIXTURES)('$name', ({ hex, bpm, contact, energy, rr }) => {
    const result = decode(HEART_RATE_MEASUREMENT, fromHex(hex));
    if (!result.ok) throw new Error(result.error.detail);
    expect(values(result.value, 'heartrate')).toEqual(bpm === undefined ? [] : [bpm]);
    expect(values(result.value, 'energy_expended')).toEqual(energy === undefined ? [] : [energy]);
    expect(values(result.value, 'rr_interval')).toEqual(rr);
    expect(result.value.facts).toEqual([{ kind: 'contact', contact }]);
    const intervals = result.value.readings.find((reading) => reading.attribute === 'rr_interval')?.timing;
    if (rr.length > 0) expect(intervals).toEqual({ kind: 'intervals', intervals: Float64Array.from(rr) });
    else expect(intervals).toBeUndefined();
  });

  it.each(BAD_HEART_RATE)('refuses: $name', ({ hex, code }) => {
    const result = decode(HEART_RATE_MEASUREMENT, fromHex(hex));
    expect(result).toMatchObject({ ok: false, error: { code } });
  });

  it('reads at the offset of the view, not at the start of its buffer', () => {
    const padded = fromHex('ff ff ff 00 48 ff');
    const result = parseHeartRate(new DataView(padded.buffer, 3, 2));
    expect(result).toMatchObject({ ok: true, value: { rate: 72 } });
  });
});

const u16 = fc.integer({ min: 0, max: 0xffff });
// Each choice is a fair coin, so that a thousand packets surely show every combination of flags.
const packet = fc.record({
  rate: fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0x100, max: 0xffff })),
  contact: fc.constantFrom(true, false, undefined),
  energy: fc.option(u16, { nil: undefined, freq: 2 }),
  ticks: fc.oneof(fc.constant([]), fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 1, maxLength: 9 })),
});

describe('heart rate measurement, any packet', () => {
  it('gives back what was encoded, with every combination of flags', () => {
    const seen = new Set<number>();
    fc.assert(
      fc.property(packet, (sent) => {
        const bytes = encodeHeartRate(sent);
        seen.add(new DataView(bytes).getUint8(0));
        const result = parseHeartRate(new DataView(bytes));
        expect(result).toEqual({
          ok: true,
          value: {
            rate: sent.rate,
            contact: sent.contact,
            energy: sent.energy,
            intervals: Float64Array.from(sent.ticks, (tick) => (tick * 1000) / 1024),
          },
        });
      }),
      { numRuns: 1000 },
    );
    // Two widths × three contact states × energy × RR.
    expect(seen.size).toBe(24);
  });

  it('answers every cut with decode-truncated', () => {
    fc.assert(
      fc.property(packet, fc.nat(), (sent, cut) => {
        const bytes = encodeHeartRate(sent);
        const length = cut % bytes.byteLength;
        const result = parseHeartRate(new DataView(bytes, 0, length));
        // A packet with RRs cut between two of them is a shorter packet, not a damaged one.
        const rrFrom = (sent.rate > 255 ? 3 : 2) + (sent.energy === undefined ? 0 : 2);
        const whole = sent.ticks.length > 0 && length > rrFrom && (length - rrFrom) % 2 === 0;
        if (whole) expect(result.ok).toBe(true);
        else expect(result).toMatchObject({ ok: false, error: { code: 'decode-truncated' } });
      }),
      { numRuns: 1000 },
    );
  });

  it('takes any bytes without throwing, and yields finite positive numbers only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const result = decode(HEART_RATE_MEASUREMENT, Uint8Array.from(bytes));
        if (!result.ok) {
          expect(['decode-truncated', 'decode-oversized']).toContain(result.error.code);
          return;
        }
        for (const reading of result.value.readings) {
          if (reading.kind !== 'numeric') throw new Error('heart rate yields numbers only');
          expect(reading.values.length).toBeGreaterThan(0);
          const least = reading.attribute === 'energy_expended' ? 0 : Number.MIN_VALUE;
          for (const value of reading.values) expect(value).toBeGreaterThanOrEqual(least);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('body sensor location', () => {
  it.each([
    ['00', 0, 'other'],
    ['01', 1, 'chest'],
    ['02', 2, 'wrist'],
    ['05', 5, 'ear lobe'],
    ['06', 6, 'foot'],
  ])('%s is %s, %s', (hex, value, text) => {
    expect(decode(BODY_SENSOR_LOCATION, fromHex(hex))).toEqual({
      ok: true,
      value: {
        facts: [{ kind: 'bodyLocation', text }],
        readings: [
          { kind: 'structured', attribute: 'body_location', payloads: [{ value, text }], timing: { kind: 'arrival' } },
        ],
      },
    });
  });

  it.each([
    ['', 'decode-truncated'],
    ['01 00', 'decode-oversized'],
    ['07', 'decode-reserved'],
    ['ff', 'decode-reserved'],
  ])('refuses "%s": %s', (hex, code) => {
    expect(decode(BODY_SENSOR_LOCATION, fromHex(hex))).toMatchObject({ ok: false, error: { code } });
  });
});
