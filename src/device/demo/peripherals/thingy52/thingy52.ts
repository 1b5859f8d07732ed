/**
 * A board like the Thingy:52: environment, motion, button, and an LED and a loudspeaker that do what they are told. Rates
 * are those that were last written to its configurations.
 */
import { appError, type AppError } from '../../../../model/errors.ts';
import { THINGY } from '../../../profiles/thingy52/uuids.ts';
import type { Uuid } from '../../../profiles/profile.ts';
import type { ModelOptions, ScriptedModel, Wire } from '../../model.ts';
import { assemble, battery, notTaken, offer, type Part } from '../../offer.ts';
import { environmentPart } from './environment.ts';
import { motionPart } from './motion.ts';
import { buttonPart } from './button.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Lengths of an LED setting by its mode: off, constant, breathe, one shot (ble_uis.h). */
const LED_LENGTHS = [1, 4, 5, 3];
/** What the LED shows when nobody has said anything: it breathes. */
const LED_AT_FIRST = Uint8Array.of(2, 6, 20, 0xac, 0x0d);
const SPEAKER = { finished: 0x00, invalid: 0x11 } as const;
/** First byte of the sound configuration. */
const SOUND_MODE = { tone: 1, sample: 3 } as const;
const TONE_LENGTH = 5;
/** A stored sound lasts about so long, ms. */
const SAMPLE_MS = 1000;

export function createThingy52({ seed }: ModelOptions): ScriptedModel {
  const environment = environmentPart(seed);
  const motion = motionPart(seed + 1);
  const sound = createSound();
  let led: Bytes = LED_AT_FIRST;

  const rest: Part = {
    offer: [
      offer(THINGY.userInterface, THINGY.led, 'read', 'write'),
      offer(THINGY.sound, THINGY.soundConfig, 'read', 'write'),
      offer(THINGY.sound, THINGY.speakerData, 'write'),
      offer(THINGY.sound, THINGY.speakerStatus, 'notify'),
      offer(THINGY.configuration, THINGY.firmwareVersion, 'read'),
    ],
    values: new Map<Uuid, Bytes | (() => Bytes)>([
      [THINGY.led, () => led.slice()],
      [THINGY.soundConfig, sound.config],
      [THINGY.firmwareVersion, Uint8Array.of(2, 2, 0)],
    ]),
  };

  function setLed(bytes: Bytes): AppError | undefined {
    const [mode = NaN] = bytes;
    const length = LED_LENGTHS[mode];
    if (length === undefined || bytes.length < length) return notTaken('LED');
    led = bytes.slice(0, length);
    return undefined;
  }

  const writes = new Map<Uuid, (bytes: Bytes, wire: Wire) => AppError | undefined>([
    [THINGY.led, setLed],
    [THINGY.soundConfig, sound.configure],
    [THINGY.speakerData, sound.play],
    [THINGY.environmentConfig, environment.configure],
    [THINGY.motionConfig, motion.configure],
  ]);
  return assemble([buttonPart(seed + 2), environment, motion, rest, battery(seed)], {
    write(uuid, bytes, wire) {
      const write = writes.get(uuid);
      return write ? write(bytes, wire) : appError('bluetooth-gatt', 'write: not permitted');
    },
  });
}

/** The loudspeaker: says when it has finished. */
function createSound() {
  let config: Bytes = Uint8Array.of(SOUND_MODE.sample, 1);
  return {
    config: (): Bytes => config.slice(),
    configure: (bytes: Bytes): AppError | undefined => {
      if (bytes.length !== 2) return notTaken('sound configuration');
      config = bytes;
      return undefined;
    },
    play: (bytes: Bytes, wire: Wire): AppError | undefined => {
      const ms = lengthOf(config[0], bytes);
      if (ms === undefined) wire.answer(THINGY.speakerStatus, Uint8Array.of(SPEAKER.invalid));
      else {
        wire.later(ms, ({ arrival }) => wire.notify(THINGY.speakerStatus, Uint8Array.of(SPEAKER.finished), arrival));
      }
      return undefined;
    },
  };
}

/** How long something sounds, ms; undefined if it is no sound in this mode. */
function lengthOf(mode: number | undefined, bytes: Bytes): number | undefined {
  if (mode === SOUND_MODE.sample) return bytes.length === 1 && (bytes[0] ?? 9) <= 8 ? SAMPLE_MS : undefined;
  if (mode !== SOUND_MODE.tone || bytes.length !== TONE_LENGTH) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint16(2, true);
}
