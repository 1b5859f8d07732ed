/** What holds for all the health profiles together, and what they leave alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bloodPressureProfile } from '../../../../src/device/profiles/blood-pressure.ts';
import { bodyCompositionProfile } from '../../../../src/device/profiles/body-composition.ts';
import { continuousGlucoseProfile } from '../../../../src/device/profiles/continuous-glucose/profile.ts';
import { currentTimeProfile } from '../../../../src/device/profiles/current-time.ts';
import { glucoseProfile } from '../../../../src/device/profiles/glucose/profile.ts';
import { healthThermometerProfile } from '../../../../src/device/profiles/health-thermometer.ts';
import { assigned } from '../../../../src/device/profiles/profile.ts';
import { pulseOximeterProfile } from '../../../../src/device/profiles/pulse-oximeter.ts';
import { createDecoders, decoderFor, optionalServices, PROFILES } from '../../../../src/device/profiles/registry.ts';
import { weightScaleProfile } from '../../../../src/device/profiles/weight-scale.ts';
import type { Json } from '../../../../src/model/block.ts';

const HEALTH = [
  bloodPressureProfile,
  bodyCompositionProfile,
  continuousGlucoseProfile,
  currentTimeProfile,
  glucoseProfile,
  healthThermometerProfile,
  pulseOximeterProfile,
  weightScaleProfile,
];
const SPECS = HEALTH.flatMap((profile) => profile.characteristics);

/** All numbers in a payload, however deep. */
function numbersIn(payload: Json): number[] {
  if (typeof payload === 'number') return [payload];
  return typeof payload === 'object' && payload !== null ? Object.values(payload).flatMap(numbersIn) : [];
}

describe('health profiles', () => {
  it('are all registered', () => {
    for (const profile of HEALTH) expect(PROFILES).toContain(profile);
  });

  it('take any packets of one connection: finite numbers and dates, or a typed error', () => {
    const packet = fc.record({ spec: fc.constantFrom(...SPECS), bytes: fc.uint8Array({ maxLength: 32 }) });
    let decodedNumbers = 0;
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 12 }), (packets) => {
        const decoders = createDecoders();
        for (const { spec, bytes } of packets) {
          const result = decoders(spec.uuid)?.(new DataView(Uint8Array.from(bytes).buffer));
          if (!result?.ok) {
            expect(result?.error.code).toMatch(/^decode-/);
            continue;
          }
          for (const reading of result.value.readings) {
            expect(spec.attributes.map((entry) => entry.attribute)).toContain(reading.attribute);
            const numbers = reading.kind === 'numeric' ? [...reading.values] : reading.payloads.flatMap(numbersIn);
            const times = reading.timing.kind === 'calendar' ? [...reading.timing.times] : [];
            expect([...numbers, ...times].filter((number) => !Number.isFinite(number))).toEqual([]);
            decodedNumbers += numbers.length;
          }
        }
      }),
      { numRuns: 2000 },
    );
    expect(decodedNumbers).toBeGreaterThan(100);
  });
});

/** Characteristics of User Data (User Data Service 1.1 §3.1, and those later assigned to it). */
const USER_DATA = [
  0x2a7e, 0x2a7f, 0x2a80, 0x2a81, 0x2a82, 0x2a83, 0x2a84, 0x2a85, 0x2a86, 0x2a87, 0x2a88, 0x2a89, 0x2a8a, 0x2a8b,
  0x2a8c, 0x2a8d, 0x2a8e, 0x2a8f, 0x2a90, 0x2a91, 0x2a92, 0x2a93, 0x2a94, 0x2a95, 0x2a96, 0x2a97, 0x2a98, 0x2a99,
  0x2a9a, 0x2a9f, 0x2aa2, 0x2b37, 0x2b46, 0x2b47, 0x2b48, 0x2b49, 0x2b4a, 0x2b4b, 0x2b4c, 0x2b4d, 0x2b4e, 0x2b4f,
  0x2b50,
];

describe('user data', () => {
  it('is never asked for: the browser would refuse the service', () => {
    expect(optionalServices()).not.toContain(assigned(0x181c));
    expect(PROFILES.map((profile) => profile.service)).not.toContain(assigned(0x181c));
  });

  it.each(USER_DATA.map((number) => [number.toString(16), number] as const))('is not decoded: %s', (_, number) => {
    expect(decoderFor(assigned(number))).toBeUndefined();
  });
});
