/** What holds for all services of sport, place and surroundings together. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { automationIoProfile } from '../../../../src/device/profiles/automation-io.ts';
import { cyclingPowerProfile } from '../../../../src/device/profiles/cycling-power/profile.ts';
import { cyclingSpeedCadenceProfile } from '../../../../src/device/profiles/cycling-speed-cadence.ts';
import { environmentalSensingProfile } from '../../../../src/device/profiles/environmental-sensing.ts';
import { fitnessMachineProfile } from '../../../../src/device/profiles/fitness-machine/profile.ts';
import { heartRateProfile } from '../../../../src/device/profiles/heart-rate.ts';
import { locationNavigationProfile } from '../../../../src/device/profiles/location-navigation.ts';
import { runningSpeedCadenceProfile } from '../../../../src/device/profiles/running-speed-cadence.ts';

const PROFILES = [
  runningSpeedCadenceProfile,
  cyclingSpeedCadenceProfile,
  cyclingPowerProfile,
  fitnessMachineProfile,
  environmentalSensingProfile,
  locationNavigationProfile,
  automationIoProfile,
];
const SPECS = PROFILES.flatMap(({ characteristics }) => characteristics);

describe('services of sport, place and surroundings', () => {
  it('may all be on one device (a trainer has four of them): no two share an attribute', () => {
    const ids = [heartRateProfile, ...PROFILES].flatMap(({ characteristics }) =>
      characteristics.flatMap(({ attributes }) => attributes.map(({ attribute }) => attribute)),
    );
    expect(ids.length).toBeGreaterThan(100);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('take any packets, one after the other on one connection: registered attributes and finite numbers, or a typed error', () => {
    const packets = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 5 });
    for (const { name, attributes, makeDecoder } of SPECS) {
      const registered = new Set(attributes.map(({ attribute }) => attribute));
      fc.assert(
        fc.property(packets, (all) => {
          const decode = makeDecoder();
          for (const bytes of all) {
            const decoded = decode(new DataView(Uint8Array.from(bytes).buffer));
            if (!decoded.ok) {
              expect(decoded.error.code, name).toMatch(/^decode-(truncated|oversized|reserved)$/);
              continue;
            }
            for (const reading of decoded.value.readings) {
              expect(registered.has(reading.attribute), `${name}: ${reading.attribute}`).toBe(true);
              if (reading.kind === 'numeric') expect(reading.values.every(Number.isFinite), name).toBe(true);
              else expect(JSON.stringify(reading.payloads)).not.toContain('null');
            }
          }
        }),
        { numRuns: 200 },
      );
    }
  });
});
