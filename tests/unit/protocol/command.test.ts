import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptsCommands,
  deviceCommandPayload,
  parseDeviceCommand,
  takesCommand,
} from '../../../src/protocol/command.ts';

const LED = { mode: 'constant', r: 255, g: 128, b: 0, intensity: 100, delay: 1000 };

describe('device_command', () => {
  it('reads what the real server pushed', () => {
    expect(parseDeviceCommand({ command: 'vibrate', device_id: 'bpb', speed: 0.5 })).toEqual({
      ok: true,
      value: { command: 'vibrate', speed: 0.5 },
    });
  });

  it.each([
    [{ command: 'vibrate', speed: 0 }],
    [{ command: 'rotate', speed: 1, clockwise: false }],
    [{ command: 'linear', position: 0.25, duration: 500 }],
    [{ command: 'stop' }],
    [{ command: 'set_led', led: LED }],
    [{ command: 'play_tone', frequency: 440, duration: 1000 }],
    [{ command: 'play_sample', sample: 3 }],
  ])('reads %j, without the id of the sensor', (command) => {
    for (const id of ['device_id', 'sensor_id'])
      expect(parseDeviceCommand({ ...command, [id]: 's1' })).toEqual({ ok: true, value: command });
  });

  it.each(['off', 'constant', 'breathe', 'one_shot'])('LED mode %s', (mode) => {
    expect(parseDeviceCommand({ command: 'set_led', led: { ...LED, mode } })).toMatchObject({
      value: { led: { mode } },
    });
  });

  it('takes null and nothing for the values a mode does not need', () => {
    const whole = { mode: 'off', r: 0, g: 0, b: 0, intensity: 50, delay: 1000 };
    expect(parseDeviceCommand({ command: 'set_led', led: { mode: 'off' } })).toEqual({
      ok: true,
      value: { command: 'set_led', led: whole },
    });
    const nulls = { mode: 'off', r: null, g: null, b: null, intensity: null, delay: null };
    expect(parseDeviceCommand({ command: 'set_led', led: nulls })).toMatchObject({ value: { led: whole } });
  });

  it.each([
    [{ command: 'vibrate' }],
    [{ command: 'vibrate', speed: 1.1 }],
    [{ command: 'vibrate', speed: -0.1 }],
    [{ command: 'vibrate', speed: '1' }],
    [{ command: 'vibrate', speed: NaN }],
    [{ command: 'rotate', speed: 2, clockwise: true }],
    [{ command: 'rotate', speed: 1, clockwise: 'yes' }],
    [{ command: 'linear', position: 0.5 }],
    [{ command: 'linear', position: 0.5, duration: -1 }],
    [{ command: 'linear', position: 0.5, duration: 1.5 }],
    [{ command: 'linear', position: 0.5, duration: 600_001 }],
    [{ command: 'set_led' }],
    [{ command: 'set_led', led: { ...LED, mode: 'disco' } }],
    [{ command: 'set_led', led: { ...LED, r: 256 } }],
    [{ command: 'set_led', led: { ...LED, intensity: 101 } }],
    [{ command: 'play_tone', frequency: 5, duration: 100 }],
    [{ command: 'play_tone', frequency: 440 }],
    [{ command: 'play_sample', sample: 1.5 }],
    [{ command: 5 }],
    [{ type: 'vibrate', speed: 1 }],
    [null],
    [[]],
    ['stop'],
  ])('refuses %j', (payload) => {
    expect(parseDeviceCommand(payload)).toMatchObject({ ok: false, error: { code: 'command-invalid' } });
  });

  it('knows what it does not know', () => {
    expect(parseDeviceCommand({ command: 'oscillate', speed: 1 })).toEqual({
      ok: false,
      error: { code: 'command-unsupported', detail: 'oscillate' },
    });
    const long = parseDeviceCommand({ command: 'x'.repeat(500) });
    expect(long.ok ? undefined : long.error.detail?.length).toBe(40);
  });

  it('takes any JSON: a command within its limits, or an error without its values', () => {
    const nearly = fc.record({
      command: fc.constantFrom('vibrate', 'rotate', 'linear', 'stop', 'set_led', 'play_tone', 'play_sample'),
      speed: fc.oneof(fc.double(), fc.jsonValue()),
      position: fc.double({ min: -1, max: 2 }),
      duration: fc.integer({ min: -10, max: 700_000 }),
      led: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearly), (payload) => {
        const parsed = parseDeviceCommand(payload);
        if (!parsed.ok) return ['command-invalid', 'command-unsupported'].includes(parsed.error.code);
        const { value } = parsed;
        if (value.command === 'vibrate' || value.command === 'rotate') return value.speed >= 0 && value.speed <= 1;
        if (value.command === 'linear') return value.position >= 0 && value.position <= 1 && value.duration >= 0;
        return true;
      }),
    );
  });
});

describe('sensors that take commands', () => {
  it.each(['buttplug', 'thingy52', 'Thingy', 'thingy:52', 'nordic_thingy'])('%s', (type) => {
    expect(acceptsCommands(type)).toBe(true);
  });

  it.each(['heart_rate_strap', 'microbit', '', 'thingy53'])('not %s', (type) => {
    expect(acceptsCommands(type)).toBe(false);
  });

  it('take those of their kind of device', () => {
    const vibrate = { command: 'vibrate', speed: 1 } as const;
    const sound = { command: 'play_sample', sample: 1 } as const;
    expect([takesCommand('Buttplug', vibrate), takesCommand('Thingy:52', sound)]).toEqual([true, true]);
    expect([takesCommand('buttplug', sound), takesCommand('thingy52', vibrate)]).toEqual([false, false]);
    expect(takesCommand('heartrate', vibrate)).toBe(false);
    expect(takesCommand('thingy52', { command: 'stop' })).toBe(true);
  });

  it('are sent what the client reads, whatever the kind', () => {
    for (const command of [{ command: 'stop' }, { command: 'play_sample', sample: 1 }] as const)
      expect(parseDeviceCommand(deviceCommandPayload('s1', command))).toEqual({ ok: true, value: command });
  });
});
