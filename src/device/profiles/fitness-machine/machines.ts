/**
 * What each kind of fitness machine sends: the fields of its data characteristic in the order of the packet, by the bit
 * of the flags that announces them.
 * Source: Bluetooth SIG, Fitness Machine Service 1.0 §4.4–4.9.
 *
 * Two later texts differ from version 1.0. The GATT Specification Supplement makes a treadmill's pace two bytes wide (s
 * for 500 m instead of one byte of 0.1 km/min): such packets are longer and both are read. It also makes the resistance
 * one byte wide; no machine is known to send that, and such a packet is as long as a longer one cut off on the air, so it
 * is refused as truncated.
 */
import { assigned, type Uuid } from '../profile.ts';
import * as f from './fields.ts';
import type { MachineField } from './fields.ts';

/** Fields that come together. Bit 0 ("more data") announces its fields by being 0. */
export interface FieldGroup {
  readonly bit: number;
  readonly fields: readonly MachineField[];
}

export interface Machine {
  readonly uuid: Uuid;
  readonly name: string;
  /** First part of the attributes' ids: a machine may speak of several kinds, and a sensor beside it too. */
  readonly prefix: string;
  readonly flagBytes: 2 | 3;
  /** The layout of version 1.0, and a longer one of a later text. */
  readonly layouts: readonly (readonly FieldGroup[])[];
  /** Bit that is 1 while the user moves backward. */
  readonly backwardBit?: number;
}

const group = (bit: number, ...fields: readonly MachineField[]): FieldGroup => ({ bit, fields });

/** Energy, heart rate, metabolic equivalent, elapsed and remaining time end every packet in this order. */
function workout(firstBit: number): readonly FieldGroup[] {
  return [
    group(firstBit, ...f.ENERGY),
    group(firstBit + 1, f.HEART_RATE),
    group(firstBit + 2, f.METABOLIC_EQUIVALENT),
    group(firstBit + 3, f.ELAPSED),
    group(firstBit + 4, f.REMAINING),
  ];
}

/** Bit 13 is not in version 1.0: walking pads announce three bytes of steps with it (captures of several owners agree). */
function treadmill(pace: MachineField, averagePace: MachineField): readonly FieldGroup[] {
  return [
    group(0, f.SPEED),
    group(1, f.AVERAGE_SPEED),
    group(2, f.DISTANCE),
    group(3, f.INCLINATION, f.RAMP_ANGLE),
    group(4, ...f.elevation(10)),
    group(5, pace),
    group(6, averagePace),
    ...workout(7),
    group(12, f.BELT_FORCE, f.BELT_POWER),
    group(13, f.LONG_STEPS),
  ];
}

export const TREADMILL: Machine = {
  uuid: assigned(0x2acd),
  name: 'Treadmill data',
  prefix: 'treadmill',
  flagBytes: 2,
  layouts: [treadmill(f.SPEED_PACE, f.AVERAGE_SPEED_PACE), treadmill(f.PACE, f.AVERAGE_PACE)],
};

export const CROSS_TRAINER: Machine = {
  uuid: assigned(0x2ace),
  name: 'Cross trainer data',
  prefix: 'cross_trainer',
  flagBytes: 3,
  layouts: [
    [
      group(0, f.SPEED),
      group(1, f.AVERAGE_SPEED),
      group(2, f.DISTANCE),
      group(3, f.STEP_RATE, f.AVERAGE_STEP_RATE),
      group(4, f.TENTH_STRIDES),
      group(5, ...f.elevation(1)),
      group(6, f.INCLINATION, f.RAMP_ANGLE),
      group(7, f.resistance(10)),
      group(8, f.POWER),
      group(9, f.AVERAGE_POWER),
      ...workout(10),
    ],
  ],
  backwardBit: 15,
};

export const STEP_CLIMBER: Machine = {
  uuid: assigned(0x2acf),
  name: 'Step climber data',
  prefix: 'step_climber',
  flagBytes: 2,
  layouts: [
    [
      group(0, f.FLOORS, f.STEPS),
      group(1, f.STEP_RATE),
      group(2, f.AVERAGE_STEP_RATE),
      group(3, f.ELEVATION_GAIN),
      ...workout(4),
    ],
  ],
};

export const STAIR_CLIMBER: Machine = {
  uuid: assigned(0x2ad0),
  name: 'Stair climber data',
  prefix: 'stair_climber',
  flagBytes: 2,
  layouts: [
    [
      group(0, f.FLOORS),
      group(1, f.STEP_RATE),
      group(2, f.AVERAGE_STEP_RATE),
      group(3, f.ELEVATION_GAIN),
      group(4, f.STRIDES),
      ...workout(5),
    ],
  ],
};

export const ROWER: Machine = {
  uuid: assigned(0x2ad1),
  name: 'Rower data',
  prefix: 'rower',
  flagBytes: 2,
  layouts: [
    [
      group(0, f.STROKE_RATE, f.STROKES),
      group(1, f.AVERAGE_STROKE_RATE),
      group(2, f.DISTANCE),
      group(3, f.PACE),
      group(4, f.AVERAGE_PACE),
      group(5, f.POWER),
      group(6, f.AVERAGE_POWER),
      group(7, f.resistance(1)),
      ...workout(8),
    ],
  ],
};

export const INDOOR_BIKE: Machine = {
  uuid: assigned(0x2ad2),
  name: 'Indoor bike data',
  prefix: 'bike',
  flagBytes: 2,
  layouts: [
    [
      group(0, f.SPEED),
      group(1, f.AVERAGE_SPEED),
      group(2, f.CADENCE),
      group(3, f.AVERAGE_CADENCE),
      group(4, f.DISTANCE),
      group(5, f.resistance(1)),
      group(6, f.POWER),
      group(7, f.AVERAGE_POWER),
      ...workout(8),
    ],
  ],
};

export const MACHINES: readonly Machine[] = [TREADMILL, CROSS_TRAINER, STEP_CLIMBER, STAIR_CLIMBER, ROWER, INDOOR_BIKE];
