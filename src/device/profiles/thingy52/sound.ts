/**
 * Thingy:52 sound service EF680500: the loudspeaker. Its microphone is left alone on purpose: notifications would switch
 * it on without anybody asking, and sound would crowd out everything else on the radio.
 * Source: Thingy:52 firmware documentation, sound service, and its published firmware (ble_tss.h).
 */
import type { ThingyCommand } from '../../../model/command.ts';
import { appError } from '../../../model/errors.ts';
import { fail, ok, type Result } from '../../../model/result.ts';
import { payloadAtArrival } from '../at-arrival.ts';
import { decodeError } from '../bytes.ts';
import { FieldReader } from '../field-reader.ts';
import type { CharacteristicSpec, Decoded, DecodeError, DeviceIo, Profile, Uuid } from '../profile.ts';
import { THINGY, THINGY_SENSOR_TYPE } from './uuids.ts';

/** First byte of the sound configuration. 2 would be PCM sound. */
const SPEAKER_MODE = { frequency: 1, sample: 3 } as const;
/** Second byte: ADPCM, the firmware's own default. */
const MICROPHONE_ADPCM = 1;
/** Percent; the platform's command does not say. */
const VOLUME = 60;
/** What people can hear, Hz. */
const FREQUENCY_RANGE = [20, 20_000] as const;
/** The field is a uint16. */
const DURATION_MAX = 65_535;
/** Sounds stored in the device are numbered 0–8. */
const SAMPLE_MAX = 8;

/** Values of the speaker status. */
const STATUS: Readonly<Record<number, string>> = {
  0x00: 'finished',
  0x01: 'buffer_warning',
  0x02: 'buffer_ready',
  0x10: 'packet_disregarded',
  0x11: 'invalid_command',
};

function decodeStatus(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy speaker status');
  const code = fields.u8();
  const status = STATUS[code];
  const read = fields.finish(status);
  if (!read.ok) return read;
  if (status === undefined) return decodeError('decode-reserved', `Thingy speaker status ${code}`);
  return ok({ readings: [payloadAtArrival('speaker', { status })], facts: [] });
}

/**
 * A tone: frequency 20–20 000 Hz, duration 1–65 535 ms, both rounded to whole numbers. `command-invalid` outside of these,
 * `command-unsupported` without a loudspeaker.
 */
export async function playTone(
  device: DeviceIo,
  { frequency, duration }: Extract<ThingyCommand, { command: 'play_tone' }>,
): Promise<Result<void>> {
  const [low, high] = FREQUENCY_RANGE;
  const hertz = Math.round(frequency);
  const ms = Math.round(duration);
  if (!(hertz >= low && hertz <= high)) return invalid(`tone of ${frequency} Hz`);
  if (!(ms >= 1 && ms <= DURATION_MAX)) return invalid(`tone of ${duration} ms`);
  return play(device, SPEAKER_MODE.frequency, Uint8Array.of(hertz & 0xff, hertz >> 8, ms & 0xff, ms >> 8, VOLUME));
}

/** One of the sounds stored in the device, 0–8. Errors as for tones. */
export async function playSample(
  device: DeviceIo,
  { sample }: Extract<ThingyCommand, { command: 'play_sample' }>,
): Promise<Result<void>> {
  if (!(Number.isInteger(sample) && sample >= 0 && sample <= SAMPLE_MAX)) return invalid(`sample ${sample}`);
  return play(device, SPEAKER_MODE.sample, Uint8Array.of(sample));
}

/** The loudspeaker reads its data according to the mode, so the mode comes first. */
async function play(device: DeviceIo, mode: number, data: Uint8Array): Promise<Result<void>> {
  if (!device.has(THINGY.soundConfig) || !device.has(THINGY.speakerData))
    return fail(appError('command-unsupported', 'no loudspeaker'));
  const configured = await device.write(THINGY.soundConfig, Uint8Array.of(mode, MICROPHONE_ADPCM));
  return configured.ok ? device.write(THINGY.speakerData, data) : configured;
}

function invalid(detail: string): Result<never> {
  return fail(appError('command-invalid', detail));
}

function writable(uuid: Uuid, name: string): CharacteristicSpec {
  const makeDecoder: CharacteristicSpec['makeDecoder'] = () => () => decodeError('decode-reserved', `Thingy ${name}`);
  return { uuid, name, use: 'write', attributes: [], onFull: 'keep', makeDecoder };
}

export const thingySoundProfile: Profile = {
  service: THINGY.sound,
  name: 'Thingy:52 loudspeaker',
  advertised: false,
  sensorType: THINGY_SENSOR_TYPE,
  characteristics: [
    {
      uuid: THINGY.speakerStatus,
      name: 'Speaker status',
      use: 'notify',
      attributes: [{ attribute: 'speaker', attributeType: 'speaker', samplingRate: 0 }],
      onFull: 'keep',
      makeDecoder: () => decodeStatus,
    },
    writable(THINGY.soundConfig, 'Sound configuration'),
    writable(THINGY.speakerData, 'Speaker data'),
  ],
};
