/**
 * A strap like the Polar H10: heart rate, and ECG at 130 Hz and acceleration through PMD once its control point was asked
 * to start them. Frames as the device sends them: 73 samples of ECG, 36 of acceleration.
 */
import { MEASUREMENTS, parseSettings, PMD_CONTROL, PMD_DATA, PMD_SERVICE } from '../../profiles/polar/pmd.ts';
import { STANDARD_GRAVITY } from '../../profiles/units.ts';
import type { ModelOptions, ScriptedModel, ScriptedStream, Wire } from '../model.ts';
import { assemble, battery, deviceInformation, offer, type Part } from '../offer.ts';
import {
  encodeAnswer,
  encodeEcgFrame,
  encodeFeatures,
  encodeRawFrame,
  encodeSettings,
  type EncodedSettings,
} from '../polar-frames.ts';
import { createMotion, STYLE } from '../signals/motion.ts';
import { createPulse } from '../signals/pulse.ts';
import { heartRatePart } from './heart-rate-part.ts';

type Measured = 'ecg' | 'acceleration';

const OFFERED: Readonly<Record<Measured, EncodedSettings>> = {
  ecg: { rates: [130], resolutions: [14] },
  acceleration: { rates: [25, 50, 100, 200], resolutions: [16], ranges: [2, 4, 8] },
};
const FRAME_SAMPLES: Readonly<Record<Measured, number>> = { ecg: 73, acceleration: 36 };
/** Three channels of 16 bits, mg. */
const ACCELERATION_TYPE = 1;
const ACCELERATION_BYTES = 2;

const OP = { settings: 1, start: 2, stop: 3 } as const;
const STATUS = { success: 0, invalidOp: 1, notSupported: 3, invalidParameter: 5, alreadyInState: 6, invalidState: 12 };
/** Types of settings in commands, in the order of {@link EncodedSettings}. */
const SETTING = { rate: 0, resolution: 1, range: 2 } as const;

/** The device's clock begins at 2019-01-01, in ns since 2000-01-01. */
const CLOCK_START = 599_616_000_000_000_000n;

export function createPolarH10({ seed }: ModelOptions): ScriptedModel {
  const pulse = createPulse(seed);
  const motion = createMotion(seed + 1, STYLE.chest);
  /** Rates of what was started, Hz. */
  const running = new Map<Measured, number>();

  const rateOf = (what: Measured): number => running.get(what) ?? OFFERED[what].rates?.[0] ?? 1;
  const frame = (what: Measured, at: number): Uint8Array<ArrayBuffer> => {
    const stamp = CLOCK_START + BigInt(Math.round(at * 1e9));
    const samples = FRAME_SAMPLES[what];
    const times = Array.from({ length: samples }, (_, i) => at - (samples - 1 - i) / rateOf(what));
    if (what === 'ecg')
      return encodeEcgFrame(
        stamp,
        times.map((t) => Math.round(1000 * pulse.ecg(t))),
      );
    const vectors = times.map((t) =>
      motion(t).acceleration.map((value) => Math.round((1000 * value) / STANDARD_GRAVITY)),
    );
    return encodeRawFrame('acceleration', ACCELERATION_TYPE, stamp, ACCELERATION_BYTES, vectors);
  };
  const stream = (what: Measured): ScriptedStream => ({
    on: PMD_DATA,
    period: () => (1000 * FRAME_SAMPLES[what]) / rateOf(what),
    send({ at, arrival }, wire) {
      if (running.has(what)) wire.notify(PMD_DATA, frame(what, at), arrival);
    },
  });

  const pmd: Part = {
    offer: [offer(PMD_SERVICE, PMD_CONTROL, 'read', 'write', 'notify'), offer(PMD_SERVICE, PMD_DATA, 'notify')],
    values: new Map([[PMD_CONTROL, encodeFeatures(['ecg', 'acceleration'])]]),
    streams: [stream('ecg'), stream('acceleration')],
  };
  return assemble([heartRatePart(pulse), pmd, battery(seed), deviceInformation('Demo ECG strap')], {
    connected: () => running.clear(),
    write(_, bytes, wire) {
      takeCommand(bytes, running, wire);
      return undefined;
    },
  });
}

/** Carries out a command of the control point and answers as the device does. */
function takeCommand(bytes: Uint8Array<ArrayBuffer>, running: Map<Measured, number>, wire: Wire): void {
  const [op, type = 0xff] = bytes;
  const what = (['ecg', 'acceleration'] as const).find((name) => MEASUREMENTS[name] === type);
  if (!what) return refuse(wire, op, type, STATUS.notSupported);
  switch (op) {
    case OP.settings:
      return wire.answer(PMD_CONTROL, encodeSettings(what, OFFERED[what]));
    case OP.start: {
      if (running.has(what)) return refuse(wire, op, type, STATUS.alreadyInState);
      const rate = chosenRate(bytes, what);
      if (rate === undefined) return refuse(wire, op, type, STATUS.invalidParameter);
      running.set(what, rate);
      return wire.answer(PMD_CONTROL, encodeAnswer('start', what, STATUS.success));
    }
    case OP.stop:
      if (!running.delete(what)) return refuse(wire, op, type, STATUS.invalidState);
      return wire.answer(PMD_CONTROL, encodeAnswer('stop', what, STATUS.success));
    default:
      return refuse(wire, op, type, STATUS.invalidOp);
  }
}

/** An error ends with its status. */
function refuse(wire: Wire, op = 0, type: number, status: number): void {
  wire.answer(PMD_CONTROL, Uint8Array.of(0xf0, op, type, status));
}

/** The rate of a start command; undefined if it asks for something that was not offered. */
function chosenRate(bytes: Uint8Array<ArrayBuffer>, what: Measured): number | undefined {
  const { settings, error } = parseSettings(new DataView(bytes.buffer, 2));
  const { rates = [], resolutions = [], ranges } = OFFERED[what];
  const one = (setting: number, offered: readonly number[]): number | undefined => {
    const value = settings.get(setting)?.[0];
    return value !== undefined && offered.includes(value) ? value : undefined;
  };
  const isOffered =
    error === undefined &&
    one(SETTING.resolution, resolutions) !== undefined &&
    (ranges === undefined || one(SETTING.range, ranges) !== undefined);
  return isOffered ? one(SETTING.rate, rates) : undefined;
}
