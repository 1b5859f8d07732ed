/**
 * Polar H10: heart rate, battery and its Measurement Data service. It answers as the Polar Measurement Data Specification
 * says: features on a read of the control point, settings, start and stop by indications.
 */
import { assigned } from '../../../../src/device/profiles/profile.ts';
import type { Notification, PeripheralSetup } from '../bluetooth.ts';
import { battery, bytes, controlPoint, stream } from './parts.ts';

const CONTROL = 'fb005c81-02e7-f387-1cad-8acd2d8df0c8';
export const POLAR = { control: CONTROL, data: 'fb005c82-02e7-f387-1cad-8acd2d8df0c8' } as const;
export const HEART_RATE = assigned(0x2a37);

/** 0x0F, then a bit per measurement: ECG and acceleration. */
const FEATURES = bytes('0f 05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00');
/** As an H10 answers: 130 Hz and 14 bits; 25–200 Hz, 16 bits, 2–8 g. */
const SETTINGS: Readonly<Record<number, string>> = {
  0: '00 01 82 00 01 01 0e 00',
  2: '00 04 19 00 32 00 64 00 c8 00 01 01 10 00 02 03 02 00 04 00 08 00',
};
const OP = { settings: 1, start: 2, stop: 3 } as const;
const STATUS = { success: 0, invalidOpCode: 1, invalidType: 2, alreadyInState: 6 } as const;

export interface PolarQuirks {
  /** Measurements that still run since a connection that ended badly, by type. */
  readonly running?: readonly number[];
  /** Starts that are refused: type and status. */
  readonly refuses?: ReadonlyMap<number, number>;
}

/** @param quirks what makes its control point difficult */
export function polarH10(address: string, name: string, quirks: PolarQuirks = {}): PeripheralSetup {
  const running = new Set(quirks.running);

  function react(op: number, type: number): readonly [status: number, parameters?: string] {
    const settings = SETTINGS[type];
    if (settings === undefined) return [STATUS.invalidType];
    if (op === OP.settings) return [STATUS.success, settings];
    if (op === OP.stop) {
      running.delete(type);
      return [STATUS.success];
    }
    if (op !== OP.start) return [STATUS.invalidOpCode];
    const refused = quirks.refuses?.get(type);
    if (refused !== undefined) return [refused];
    if (running.has(type)) return [STATUS.alreadyInState];
    running.add(type);
    return [STATUS.success, ''];
  }

  function onWrite([op = 0, type = 0]: Uint8Array): readonly Notification[] {
    const [status, parameters] = react(op, type);
    // A success goes on with whether more packets follow, then parameters.
    const rest = parameters === undefined ? [] : [0, ...bytes(parameters)];
    return [{ uuid: CONTROL, bytes: Uint8Array.of(0xf0, op, type, status, ...rest) }];
  }

  return {
    address,
    name,
    services: [
      { uuid: assigned(0x180d), characteristics: [stream(HEART_RATE)] },
      battery(64),
      {
        uuid: 'fb005c80-02e7-f387-1cad-8acd2d8df0c8',
        characteristics: [controlPoint(CONTROL, onWrite, FEATURES), stream(POLAR.data)],
      },
    ],
  };
}

/**
 * A frame of ECG: type 0, time stamp of its last sample (ns), frame type 0, signed 24-bit µV each.
 * @param microvolts whole numbers
 */
export function ecgFrame(stamp: bigint, microvolts: readonly number[]): Uint8Array {
  const samples = microvolts.flatMap((one) => [one & 0xff, (one >> 8) & 0xff, (one >> 16) & 0xff]);
  return Uint8Array.of(0, ...stampBytes(stamp), 0, ...samples);
}

/**
 * A frame of acceleration: type 2, time stamp, frame type 1, x, y, z as signed 16-bit mg.
 * @param milliG whole numbers
 */
export function accelerationFrame(stamp: bigint, milliG: readonly (readonly [number, number, number])[]): Uint8Array {
  const samples = milliG.flat().flatMap((one) => [one & 0xff, (one >> 8) & 0xff]);
  return Uint8Array.of(2, ...stampBytes(stamp), 1, ...samples);
}

function stampBytes(stamp: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(stamp).buffer);
}
