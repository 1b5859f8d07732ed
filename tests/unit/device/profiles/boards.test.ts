/** micro:bit, Arduino boards, Blinky and the devices of the platform's own client: what the golden packets cannot show. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buttonLedProfile } from '../../../../src/device/profiles/arduino/button-led.ts';
import { NANO, nanoProfile } from '../../../../src/device/profiles/arduino/nano.ts';
import { NICLA, niclaProfile } from '../../../../src/device/profiles/arduino/nicla.ts';
import { BLINKY_BUTTON } from '../../../../src/device/profiles/blinky.ts';
import { FLEX } from '../../../../src/device/profiles/flex-sense.ts';
import { MICROBIT, microbitProfiles } from '../../../../src/device/profiles/microbit.ts';
import { PUFFER_CLASS, PUFFER_MOTION } from '../../../../src/device/profiles/puffer.ts';
import { chooserFilters, decoderFor } from '../../../../src/device/profiles/registry.ts';
import { BREATH_PRESSURE, OXIMETER } from '../../../../src/device/profiles/thesma.ts';
import { bytesOf } from '../../../fixtures/golden.ts';
import { scriptedDevice } from '../support/scripted-device.ts';

const decode = (uuid: string, hex: string) => decoderFor(uuid)?.(bytesOf(hex));
const NAN = '00 00 c0 7f';
const INFINITE = '00 00 80 7f';

describe('values that cannot be', () => {
  it.each([
    [MICROBIT.magnetometerBearing, '69 01', 'decode-reserved'],
    [MICROBIT.buttonA, '03', 'decode-reserved'],
    [MICROBIT.buttonB, 'ff', 'decode-reserved'],
    [NANO.gesture, '04', 'decode-reserved'],
    [NANO.gesture, 'fe', 'decode-reserved'],
    [NANO.temperature, NAN, 'decode-not-finite'],
    [NANO.pressure, INFINITE, 'decode-not-finite'],
    [NANO.acceleration, `${NAN} 00 00 00 00 00 00 00 00`, 'decode-not-finite'],
    [NICLA.humidity, '65 00 00 00', 'decode-reserved'],
    [NICLA.quaternion, `00 00 00 00 00 00 00 00 00 00 00 00 ${INFINITE}`, 'decode-not-finite'],
    [NICLA.co2, 'f4 01 00 00 00', 'decode-oversized'],
    [BLINKY_BUTTON, '02', 'decode-reserved'],
    [OXIMETER, '04 48 62 5f', 'decode-reserved'],
    [OXIMETER, '03 48 62 5f 00', 'decode-oversized'],
    [BREATH_PRESSURE, NAN, 'decode-not-finite'],
    [FLEX, INFINITE, 'decode-not-finite'],
    [PUFFER_CLASS, '00 00', 'decode-truncated'],
    [PUFFER_MOTION, `${NAN} ${'00 '.repeat(20)}`, 'decode-not-finite'],
  ])('%s %s: %s', (uuid, hex, code) => {
    expect(decode(uuid, hex)).toMatchObject({ ok: false, error: { code } });
  });

  it('an oximeter without a finger gives no numbers, whatever its other bytes are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 }), fc.uint8Array({ minLength: 3, maxLength: 3 }), (state, rest) => {
        const decoded = decoderFor(OXIMETER)?.(new DataView(Uint8Array.of(state, ...rest).buffer));
        if (!decoded?.ok) throw new Error('refused');
        expect(decoded.value.readings.map(({ attribute }) => attribute)).toEqual(['oximeter_state']);
      }),
    );
  });
});

describe('numbers without a published unit', () => {
  it('do not go by the names of those that have one', () => {
    const names = (...profiles: (typeof niclaProfile)[]): string[] =>
      profiles.flatMap(({ characteristics }) =>
        characteristics.flatMap((spec) => spec.attributes.map((one) => one.attribute)),
      );
    expect(names(niclaProfile)).not.toContain('accelerometer');
    expect(names(nanoProfile)).not.toContain('light');
    expect(names(nanoProfile)).toContain('accelerometer');
    expect(decoderFor(BREATH_PRESSURE)?.(bytesOf('00 00 80 3f'))).toMatchObject({
      value: { readings: [{ attribute: 'breath_pressure' }] },
    });
  });
});

describe('the chooser', () => {
  it.each([
    'Thingy',
    'BBC micro:bit',
    'PressureSensor',
    'FlexSenseSensor',
    'Puff',
    'EdgeImpulse',
    'Arduino',
    'Bangle.js',
    'Espruino',
  ])('offers devices called %s…', (namePrefix) => {
    expect(chooserFilters()).toContainEqual({ namePrefix });
  });

  it('offers the Arduino button by its service', () => {
    expect(chooserFilters()).toContainEqual({ services: [buttonLedProfile.service] });
  });
});

describe('starting a micro:bit', () => {
  it('asks for 50 samples a second where the period can be set', async () => {
    const device = scriptedDevice(
      new Map([MICROBIT.accelerometerPeriod, MICROBIT.magnetometerPeriod].map((uuid) => [uuid, []])),
    );
    for (const { start } of microbitProfiles) await start?.(device);
    expect(device.written).toEqual([
      { to: MICROBIT.accelerometerPeriod, bytes: [20, 0] },
      { to: MICROBIT.magnetometerPeriod, bytes: [20, 0] },
    ]);
  });

  it('takes one without that setting as it is, and says when it is refused', async () => {
    const [accelerometer] = microbitProfiles;
    expect(await accelerometer?.start?.(scriptedDevice(new Map()))).toMatchObject({ ok: true });
    const refusing = scriptedDevice(
      new Map([[MICROBIT.accelerometerPeriod, []]]),
      new Map([[MICROBIT.accelerometerPeriod, 'bluetooth-gatt']]),
    );
    expect(await accelerometer?.start?.(refusing)).toMatchObject({ error: { code: 'bluetooth-gatt' } });
  });
});
