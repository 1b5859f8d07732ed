import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATTERY_LEVEL } from '../../../../src/device/profiles/battery.ts';
import { HEART_RATE_MEASUREMENT } from '../../../../src/device/profiles/heart-rate.ts';
import { assigned } from '../../../../src/device/profiles/profile.ts';
import {
  characteristicFor,
  chooserFilters,
  decoderFor,
  optionalServices,
  PROFILES,
  profileFor,
} from '../../../../src/device/profiles/registry.ts';
import { isAttributeId } from '../../../../src/model/attribute.ts';
import { fromHex } from '../../../fixtures/heart-rate.ts';

const SPECS = PROFILES.flatMap((profile) => profile.characteristics);

function decode(uuid: string, bytes: Uint8Array<ArrayBuffer>) {
  return decoderFor(uuid)?.(new DataView(bytes.buffer));
}

describe('registry', () => {
  it('filters by heart rate, and may touch battery and device information too', () => {
    expect(chooserFilters()).toContainEqual({ services: ['0000180d-0000-1000-8000-00805f9b34fb'] });
    expect(chooserFilters()).not.toContainEqual({ services: [assigned(0x180f)] });
    expect(optionalServices()).toEqual(expect.arrayContaining([assigned(0x180d), assigned(0x180f), assigned(0x180a)]));
  });

  it('offers no filter twice', () => {
    const filters = chooserFilters().map((filter) => JSON.stringify(filter));
    expect(new Set(filters).size).toBe(filters.length);
  });

  it('knows each characteristic once, by its full lower-case UUID', () => {
    // Services may share one: they then share its description.
    const uuids = [...new Set(SPECS)].map((spec) => spec.uuid);
    expect(new Set(uuids).size).toBe(uuids.length);
    for (const uuid of uuids) expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('never asks for what browsers block or what identifies a person’s device', () => {
    for (const blocked of [0x2a25, 0x2a23, 0x2a03]) expect(decoderFor(assigned(blocked))).toBeUndefined();
  });

  it('registers only ids the server accepts, each by one characteristic of its profile', () => {
    for (const { name, characteristics } of PROFILES) {
      const specs = characteristics.filter((spec) => !spec.namesAttributes);
      const ids = specs.flatMap((spec) => spec.attributes.map((entry) => entry.attribute));
      expect(new Set(ids).size, name).toBe(ids.length);
    }
    expect(SPECS.flatMap((spec) => spec.attributes).every(({ attribute }) => isAttributeId(attribute))).toBe(true);
  });

  it('finds the profile and the facts of a characteristic', () => {
    expect(profileFor(HEART_RATE_MEASUREMENT)?.sensorType).toBe('heart_rate_strap');
    expect(characteristicFor(BATTERY_LEVEL)?.use).toBe('read-notify');
    expect(profileFor('unknown')).toBeUndefined();
  });

  it('has decoders that take any bytes: a value or a typed error, only registered attributes, nothing but finite numbers', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SPECS), fc.uint8Array({ maxLength: 560 }), (spec, bytes) => {
        const result = spec.makeDecoder()(new DataView(Uint8Array.from(bytes).buffer));
        if (!result.ok) {
          expect(result.error.code).toMatch(/^decode-/);
          return;
        }
        for (const reading of result.value.readings) {
          if (spec.namesAttributes) expect(isAttributeId(reading.attribute)).toBe(true);
          else expect(spec.attributes.map((entry) => entry.attribute)).toContain(reading.attribute);
          if (reading.kind === 'numeric') expect([...reading.values].every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('battery level', () => {
  it.each([
    ['00', 0],
    ['57', 87],
    ['64', 100],
  ])('%s is %s %%', (hex, percent) => {
    expect(decode(BATTERY_LEVEL, fromHex(hex))).toEqual({
      ok: true,
      value: {
        facts: [{ kind: 'battery', percent }],
        readings: [
          { kind: 'structured', attribute: 'battery', payloads: [{ level: percent }], timing: { kind: 'arrival' } },
        ],
      },
    });
  });

  it.each([
    ['', 'decode-truncated'],
    ['65', 'decode-reserved'],
    ['ff', 'decode-reserved'],
    ['57 00', 'decode-oversized'],
  ])('refuses "%s": %s', (hex, code) => {
    expect(decode(BATTERY_LEVEL, fromHex(hex))).toMatchObject({ ok: false, error: { code } });
  });
});

describe('device information', () => {
  const text = (hex: string) => decode(assigned(0x2a29), fromHex(hex));

  it.each([
    ['50 6f 6c 61 72', 'Polar'],
    ['50 6f 6c 61 72 20 45 6c 65 63 74 72 6f 20 4f 79', 'Polar Electro Oy'],
    ['48 31 30 00 00', 'H10'],
    ['c3 9c 62 65 72', 'Über'],
    ['50 ff 51', 'P\ufffdQ'],
  ])('%s is “%s”', (hex, expected) => {
    expect(text(hex)).toEqual({
      ok: true,
      value: { readings: [], facts: [{ kind: 'device', label: 'manufacturer', text: expected }] },
    });
  });

  it('says nothing where the maker wrote nothing', () => {
    expect(text('')).toEqual({ ok: true, value: { readings: [], facts: [] } });
    expect(text('00 00')).toEqual({ ok: true, value: { readings: [], facts: [] } });
  });
});
