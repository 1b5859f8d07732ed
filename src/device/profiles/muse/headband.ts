/**
 * Muse headbands (2016, 2, S up to firmware 3): UUIDs, rates and commands. InterAxon publishes no specification; these
 * are the facts that muse-js, muse-lsl and others publish and agree on. The later Athena generation sends everything in
 * another format on one characteristic (273e0013), which nobody has specified: it is not read here.
 */
import { assigned, type Uuid } from '../profile.ts';

const muse = (part: string): Uuid => `273e00${part}-4c4d-454d-96be-f03bac821358`;

export const MUSE_SERVICE = assigned(0xfe8d);
/** Commands as text; answers as JSON text in pieces. */
export const MUSE_CONTROL = muse('01');
export const MUSE_GYROSCOPE = muse('09');
export const MUSE_ACCELEROMETER = muse('0a');
export const MUSE_TELEMETRY = muse('0b');

/** EEG electrodes: left ear, left and right forehead, right ear, and the auxiliary input. */
export const MUSE_EEG = [
  { uuid: muse('03'), attribute: 'eeg_tp9', name: 'EEG TP9' },
  { uuid: muse('04'), attribute: 'eeg_af7', name: 'EEG AF7' },
  { uuid: muse('05'), attribute: 'eeg_af8', name: 'EEG AF8' },
  { uuid: muse('06'), attribute: 'eeg_tp10', name: 'EEG TP10' },
  { uuid: muse('07'), attribute: 'eeg_aux', name: 'EEG auxiliary' },
] as const;

/** Optical channels of Muse 2; on Muse S the second is green and the third without a published meaning. */
export const MUSE_PPG = [
  { uuid: muse('0f'), attribute: 'ppg_ambient', name: 'PPG ambient' },
  { uuid: muse('10'), attribute: 'ppg_infrared', name: 'PPG infrared' },
  { uuid: muse('11'), attribute: 'ppg_red', name: 'PPG red' },
] as const;

/** Samples a second, and samples in a packet. */
export const EEG_RATE = 256;
export const EEG_SAMPLES = 12;
export const MOTION_RATE = 52;
export const MOTION_SAMPLES = 3;
export const PPG_RATE = 64;
export const PPG_SAMPLES = 6;

/**
 * What is written to the control point: halt; preset 21 (EEG and motion), preset 50 (with the auxiliary input and PPG,
 * for bands that have it); status; go on; keep alive.
 */
export const MUSE_COMMAND = { halt: 'h', eeg: 'p21', eegAndPpg: 'p50', status: 's', go: 'd', keepAlive: 'k' } as const;

/** A command as it is written: length of what follows, text, new line. */
export function encodeCommand(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(`${text}\n`);
  return Uint8Array.of(bytes.length, ...bytes);
}
