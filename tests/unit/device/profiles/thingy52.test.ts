import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decoderFor, PROFILES } from '../../../../src/device/profiles/registry.ts';
import { thingyEnvironmentProfile } from '../../../../src/device/profiles/thingy52/environment.ts';
import { thingyMotionProfile } from '../../../../src/device/profiles/thingy52/motion.ts';
import { thingyProfiles } from '../../../../src/device/profiles/thingy52/profiles.ts';
import { ledBytes, thingyUserInterfaceProfile } from '../../../../src/device/profiles/thingy52/user-interface.ts';
import { THINGY } from '../../../../src/device/profiles/thingy52/uuids.ts';
import type { DeviceCommand } from '../../../../src/model/command.ts';
import type { Result } from '../../../../src/model/result.ts';
import { bytesOf } from '../../../fixtures/golden.ts';
import { scriptedDevice, type ScriptedDevice } from '../support/scripted-device.ts';

const decode = (uuid: string, hex: string) => decoderFor(uuid)?.(bytesOf(hex));

describe('Thingy:52 UUIDs', () => {
  it('are not shifted by one service: 02 is the environment, 03 the user interface, 04 motion, 05 sound', () => {
    const services = new Map(PROFILES.map((profile) => [profile.service, profile]));
    const attributesOf = (number: string): string[] =>
      services
        .get(`ef68${number}-9b35-4933-9b10-52ffa9740042`)
        ?.characteristics.flatMap((spec) => spec.attributes.map(({ attribute }) => attribute)) ?? [];
    expect(attributesOf('0100')).toEqual([]);
    expect(attributesOf('0200')).toContain('temperature');
    expect(attributesOf('0300')).toContain('button');
    expect(attributesOf('0400')).toContain('quaternion');
    expect(attributesOf('0500')).toEqual(['speaker']);
  });

  it('give every attribute of the device an id of its own', () => {
    const ids = thingyProfiles.flatMap(({ characteristics }) =>
      characteristics.flatMap((spec) => spec.attributes.map(({ attribute }) => attribute)),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(thingyProfiles.map(({ sensorType }) => sensorType))).toEqual(new Set(['thingy52']));
  });

  it('never listen to the microphone', () => {
    expect(decoderFor('ef680504-9b35-4933-9b10-52ffa9740042')).toBeUndefined();
  });
});

describe('Thingy:52 packets that cannot be', () => {
  it.each([
    [THINGY.temperature, '15 64', 'hundredths of 100'],
    [THINGY.temperature, '15 9c', 'hundredths of −100'],
    [THINGY.humidity, '65', '101 %'],
    [THINGY.tap, '00 01', 'direction 0'],
    [THINGY.tap, '07 01', 'direction 7'],
    [THINGY.orientation, '04', 'orientation 4'],
    [THINGY.button, '02', 'button 2'],
    [THINGY.led, '04', 'LED mode 4'],
    [THINGY.speakerStatus, '03', 'status 3'],
  ])('%s %s: %s', (uuid, hex) => {
    expect(decode(uuid, hex)).toMatchObject({ ok: false, error: { code: 'decode-reserved' } });
  });

  it('are refused when too long or not a number', () => {
    expect(decode(THINGY.humidity, '2d 00')).toMatchObject({ ok: false, error: { code: 'decode-oversized' } });
    expect(decode(THINGY.led, '00 00 00 00 00 00')).toMatchObject({ ok: false, error: { code: 'decode-oversized' } });
    expect(decode(THINGY.gravity, '00 00 c0 7f 00 00 00 00 00 00 00 00')).toMatchObject({
      ok: false,
      error: { code: 'decode-not-finite' },
    });
  });

  it('any hundredth of a degree comes back, whichever way its sign is sent', () => {
    fc.assert(
      fc.property(fc.integer({ min: -12799, max: 12799 }), fc.boolean(), (hundredths, twos) => {
        const whole = Math.trunc(hundredths / 100);
        const rest = hundredths - 100 * whole;
        // Between −1 and 0 the whole part has no sign, so only the fraction can carry it.
        const byte = rest < 0 && (twos || whole === 0) ? 256 + rest : Math.abs(rest);
        const decoded = decoderFor(THINGY.temperature)?.(new DataView(Uint8Array.of(whole & 0xff, byte).buffer));
        if (!decoded?.ok) throw new Error('refused');
        const [reading] = decoded.value.readings;
        expect(reading?.kind === 'numeric' && reading.values[0]).toBeCloseTo(hundredths / 100, 4);
      }),
    );
  });
});

describe('starting a Thingy:52', () => {
  it('sets the motion rate: steps, compensations, 25 Hz, wake on motion', async () => {
    const device = scriptedDevice(new Map([[THINGY.motionConfig, []]]));
    expect(await thingyMotionProfile.start?.(device)).toEqual({ ok: true, value: undefined });
    expect(device.written).toEqual([
      { to: THINGY.motionConfig, bytes: [0xe8, 0x03, 0xf4, 0x01, 0xf4, 0x01, 25, 0, 1] },
    ]);
  });

  it('asks for the environment every second and keeps the calibration of the colour sensor', async () => {
    const before = [0xd0, 0x07, 0xd0, 0x07, 0xd0, 0x07, 0xd0, 0x07, 3, 103, 78, 29];
    const device = scriptedDevice(new Map([[THINGY.environmentConfig, before]]));
    expect(await thingyEnvironmentProfile.start?.(device)).toMatchObject({ ok: true });
    expect(device.written).toEqual([
      { to: THINGY.environmentConfig, bytes: [0xe8, 3, 0xe8, 3, 0xe8, 3, 0xe8, 3, 1, 103, 78, 29] },
    ]);
  });

  it('writes no configuration it could not read', async () => {
    const refusing = scriptedDevice(new Map(), new Map([[THINGY.environmentConfig, 'bluetooth-timeout']]));
    expect(await thingyEnvironmentProfile.start?.(refusing)).toMatchObject({ error: { code: 'bluetooth-timeout' } });
    const odd = scriptedDevice(new Map([[THINGY.environmentConfig, [1, 2, 3]]]));
    expect(await thingyEnvironmentProfile.start?.(odd)).toMatchObject({ error: { code: 'bluetooth-gatt' } });
    expect(odd.written).toEqual([]);
  });
});

const WHOLE = new Map([THINGY.led, THINGY.soundConfig, THINGY.speakerData].map((uuid) => [uuid, []] as const));
const LED = { mode: 'off', r: 0, g: 0, b: 0, intensity: 50, delay: 1000 } as const;

async function carryOut(
  command: DeviceCommand,
  device = scriptedDevice(WHOLE),
): Promise<[Result<void>, ScriptedDevice]> {
  const result = await thingyUserInterfaceProfile.command?.(device, command);
  if (!result) throw new Error('no commands');
  return [result, device];
}

describe('commands to a Thingy:52', () => {
  it.each([
    [LED, [0]],
    [{ ...LED, mode: 'constant', r: 255, g: 128 }, [1, 255, 128, 0]],
    [{ ...LED, mode: 'breathe', b: 200 }, [2, 4, 50, 0xe8, 0x03]],
    [{ ...LED, mode: 'breathe', r: 250, g: 240, b: 10, delay: 10_000, intensity: 100 }, [2, 3, 100, 0x10, 0x27]],
    [{ ...LED, mode: 'one_shot', r: 9, g: 9, b: 9, intensity: 1 }, [3, 7, 1]],
  ] as const)('set_led %j', async (led, bytes) => {
    const [result, device] = await carryOut({ command: 'set_led', led });
    expect(result.ok).toBe(true);
    expect(device.written).toEqual([{ to: THINGY.led, bytes }]);
  });

  it.each([
    { ...LED, mode: 'constant', r: 256 },
    { ...LED, mode: 'constant', g: -1 },
    { ...LED, mode: 'constant', b: 1.5 },
    { ...LED, mode: 'breathe' },
    { ...LED, mode: 'breathe', r: 1, intensity: 0 },
    { ...LED, mode: 'breathe', r: 1, intensity: 101 },
    { ...LED, mode: 'breathe', r: 1, delay: 0 },
    { ...LED, mode: 'breathe', r: 1, delay: 10_001 },
    { ...LED, mode: 'one_shot', r: 1, intensity: NaN },
  ] as const)('refuses set_led %j', async (led) => {
    const [result, device] = await carryOut({ command: 'set_led', led });
    expect(result).toMatchObject({ ok: false, error: { code: 'command-invalid' } });
    expect(device.written).toEqual([]);
  });

  it('sets the mode before it plays: 1 for tones, 3 for stored sounds', async () => {
    const [tone, first] = await carryOut({ command: 'play_tone', frequency: 440, duration: 1000 });
    expect(tone.ok).toBe(true);
    expect(first.written).toEqual([
      { to: THINGY.soundConfig, bytes: [1, 1] },
      { to: THINGY.speakerData, bytes: [0xb8, 0x01, 0xe8, 0x03, 60] },
    ]);
    const [sound, second] = await carryOut({ command: 'play_sample', sample: 8 });
    expect(sound.ok).toBe(true);
    expect(second.written).toEqual([
      { to: THINGY.soundConfig, bytes: [3, 1] },
      { to: THINGY.speakerData, bytes: [8] },
    ]);
  });

  it.each([
    { command: 'play_tone', frequency: 19, duration: 100 },
    { command: 'play_tone', frequency: 20_001, duration: 100 },
    { command: 'play_tone', frequency: NaN, duration: 100 },
    { command: 'play_tone', frequency: 440, duration: 0 },
    { command: 'play_tone', frequency: 440, duration: 65_536 },
    { command: 'play_sample', sample: 9 },
    { command: 'play_sample', sample: -1 },
    { command: 'play_sample', sample: 0.5 },
  ] as const)('refuses %j', async (command) => {
    const [result, device] = await carryOut(command);
    expect(result).toMatchObject({ ok: false, error: { code: 'command-invalid' } });
    expect(device.written).toEqual([]);
  });

  it('does not play when the mode could not be set', async () => {
    const device = scriptedDevice(WHOLE, new Map([[THINGY.soundConfig, 'bluetooth-timeout']]));
    const [result] = await carryOut({ command: 'play_sample', sample: 0 }, device);
    expect(result).toMatchObject({ error: { code: 'bluetooth-timeout' } });
    expect(device.written).toEqual([]);
  });

  it('stops: the LED, which would go on by itself, is switched off', async () => {
    const device = scriptedDevice(WHOLE);
    const [result] = await carryOut({ command: 'stop' }, device);
    expect(result).toMatchObject({ ok: true });
    expect(device.written).toEqual([{ to: THINGY.led, bytes: [0] }]);
  });

  it('says what it cannot do', async () => {
    const bare = scriptedDevice(new Map());
    for (const command of [
      { command: 'vibrate', speed: 1 },
      { command: 'stop' },
      { command: 'set_led', led: LED },
      { command: 'play_tone', frequency: 440, duration: 100 },
      { command: 'play_sample', sample: 0 },
    ] as const) {
      const [result] = await carryOut(command, bare);
      expect(result, command.command).toMatchObject({ ok: false, error: { code: 'command-unsupported' } });
    }
  });

  it('an LED reads as it was set, colours of breaths to the nearest of seven', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const led = fc.record({
      mode: fc.constantFrom('off' as const, 'constant' as const, 'breathe' as const, 'one_shot' as const),
      r: byte,
      g: byte,
      b: byte,
      intensity: fc.integer({ min: 1, max: 100 }),
      delay: fc.integer({ min: 1, max: 10_000 }),
    });
    fc.assert(
      fc.property(led, (sent) => {
        const bytes = ledBytes(sent);
        const isBlack = sent.r + sent.g + sent.b === 0 && (sent.mode === 'breathe' || sent.mode === 'one_shot');
        expect(bytes.ok).toBe(!isBlack);
        if (!bytes.ok) return;
        const decoded = decoderFor(THINGY.led)?.(new DataView(bytes.value.slice().buffer));
        if (!decoded?.ok) throw new Error('refused');
        const [reading] = decoded.value.readings;
        const shown = reading?.kind === 'structured' ? reading.payloads[0] : undefined;
        expect(shown).toMatchObject({ mode: sent.mode });
        if (sent.mode === 'constant') expect(shown).toMatchObject({ r: sent.r, g: sent.g, b: sent.b });
        if (sent.mode === 'breathe') expect(shown).toMatchObject({ intensity: sent.intensity, delay: sent.delay });
        const strongest = (['r', 'g', 'b'] as const).find((part) => sent[part] === Math.max(sent.r, sent.g, sent.b));
        if (sent.mode === 'one_shot' && strongest) expect(shown).toMatchObject({ [strongest]: 255 });
      }),
    );
  });
});
