/**
 * Thingy:52 user interface service EF680300: button and LED; and the commands of the platform, for the loudspeaker too.
 * Source: Thingy:52 firmware documentation, user interface service, and its published firmware (ble_uis.h).
 */
import type { DeviceCommand, ThingyCommand } from '../../../model/command.ts';
import { appError } from '../../../model/errors.ts';
import { fail, ok, type Result } from '../../../model/result.ts';
import { payloadAtArrival, sampleAtArrival } from '../at-arrival.ts';
import { decodeError } from '../bytes.ts';
import { FieldReader } from '../field-reader.ts';
import type { Decoded, DecodeError, DeviceIo, Profile } from '../profile.ts';
import { playSample, playTone } from './sound.ts';
import { THINGY, THINGY_SENSOR_TYPE } from './uuids.ts';

type LedState = Extract<ThingyCommand, { command: 'set_led' }>['led'];

/** First byte of the LED characteristic. */
const LED_MODE = { off: 0, constant: 1, breathe: 2, one_shot: 3 } as const;
/** Longest form, breathe; shorter ones may come padded to it. */
const LED_LENGTH = 5;
/** Longest time between two breaths, ms. */
const DELAY_MAX = 10_000;

/** 1 pressed, 0 released. */
function decodeButton(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy button');
  const pressed = fields.u8();
  if (pressed > 1) return decodeError('decode-reserved', `Thingy button ${pressed}`);
  return fields.finish({ readings: [sampleAtArrival('button', [pressed])], facts: [] });
}

/** What the LED shows: mode, then r, g, b (0–255), or a colour of seven with intensity (%) and delay (ms). */
function decodeLed(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy LED');
  const mode = fields.u8();
  if (mode > LED_MODE.one_shot) return decodeError('decode-reserved', `Thingy LED mode ${mode}`);
  const state = readLed(fields, mode);
  if (bytes.byteLength <= LED_LENGTH) fields.skip(fields.left);
  return fields.finish({ readings: [payloadAtArrival('led', { ...state })], facts: [] });
}

function readLed(fields: FieldReader, mode: number): Partial<LedState> {
  switch (mode) {
    case LED_MODE.off:
      return { mode: 'off', r: 0, g: 0, b: 0 };
    case LED_MODE.constant:
      return { mode: 'constant', r: fields.u8(), g: fields.u8(), b: fields.u8() };
    case LED_MODE.breathe:
      return { mode: 'breathe', ...ofMix(fields.u8()), intensity: fields.u8(), delay: fields.u16() };
    default:
      return { mode: 'one_shot', ...ofMix(fields.u8()), intensity: fields.u8() };
  }
}

/** Colours 1–7 are red, green and blue, on or off: bits 0, 1 and 2. */
function ofMix(mix: number): { r: number; g: number; b: number } {
  return { r: mix & 1 ? 255 : 0, g: mix & 2 ? 255 : 0, b: mix & 4 ? 255 : 0 };
}

/** The nearest colour of the seven: what is at least half as strong as the strongest is on. 0 for black. */
function mixOf(r: number, g: number, b: number): number {
  const half = Math.max(r, g, b, 1) / 2;
  return (r >= half ? 1 : 0) | (g >= half ? 2 : 0) | (b >= half ? 4 : 0);
}

/**
 * The LED characteristic for a command. `command-invalid` for colours outside 0–255, black that should breathe, intensity
 * outside 1–100 %, delays outside 1–10 000 ms.
 */
export function ledBytes({ mode, r, g, b, intensity, delay }: LedState): Result<Uint8Array> {
  if (mode === 'off') return ok(Uint8Array.of(LED_MODE.off));
  if (![r, g, b].every((part) => isWhole(part, 0, 255))) return invalid(`LED colour ${r}, ${g}, ${b}`);
  if (mode === 'constant') return ok(Uint8Array.of(LED_MODE.constant, r, g, b));
  const mix = mixOf(r, g, b);
  if (mix === 0) return invalid('LED colour black');
  if (!isWhole(intensity, 1, 100)) return invalid(`LED intensity ${intensity}`);
  if (mode === 'one_shot') return ok(Uint8Array.of(LED_MODE.one_shot, mix, intensity));
  if (!isWhole(delay, 1, DELAY_MAX)) return invalid(`LED delay ${delay}`);
  return ok(Uint8Array.of(LED_MODE.breathe, mix, intensity, delay & 0xff, delay >> 8));
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function invalid(detail: string): Result<never> {
  return fail(appError('command-invalid', detail));
}

async function command(device: DeviceIo, asked: DeviceCommand): Promise<Result<void>> {
  switch (asked.command) {
    case 'set_led': {
      const bytes = ledBytes(asked.led);
      if (!bytes.ok) return bytes;
      if (!device.has(THINGY.led)) return fail(appError('command-unsupported', 'no LED'));
      return device.write(THINGY.led, bytes.value);
    }
    case 'play_tone':
      return playTone(device, asked);
    case 'play_sample':
      return playSample(device, asked);
    case 'stop':
      // A breathing LED goes on by itself for ever; a sound ends within a minute, and the next one replaces it.
      return device.has(THINGY.led)
        ? device.write(THINGY.led, Uint8Array.of(LED_MODE.off))
        : fail(appError('command-unsupported', 'no LED'));
    default:
      return fail(appError('command-unsupported', asked.command));
  }
}

export const thingyUserInterfaceProfile: Profile = {
  service: THINGY.userInterface,
  name: 'Thingy:52 button and LED',
  advertised: false,
  sensorType: THINGY_SENSOR_TYPE,
  characteristics: [
    {
      uuid: THINGY.button,
      name: 'Button',
      use: 'notify',
      attributes: [{ attribute: 'button', attributeType: 'button', samplingRate: 0 }],
      onFull: 'keep',
      makeDecoder: () => decodeButton,
    },
    {
      uuid: THINGY.led,
      name: 'LED',
      use: 'read',
      attributes: [{ attribute: 'led', attributeType: 'led', samplingRate: 0 }],
      onFull: 'coalesce',
      makeDecoder: () => decodeLed,
    },
  ],
  command,
};
