/**
 * The fields that the data characteristics of fitness machines are made of. Each reads its bytes and gives the value in
 * the app's unit, NaN where the machine does not know it.
 * Source: Bluetooth SIG, Fitness Machine Service 1.0 §4.4–4.9 (tables of fields, "data not available" values).
 */
import type { FieldReader } from '../field-reader.ts';

export interface MachineField {
  /** Second part of the attribute's id; the first is the machine. */
  readonly name: string;
  readonly type: string;
  readonly read: (fields: FieldReader) => number;
}

const field = (name: string, type: string, read: MachineField['read']): MachineField => ({ name, type, read });

/** Values that stand for "data not available". */
const unless = (value: number, unknown: number, scale = 1): number => (value === unknown ? NaN : value / scale);
/** A heart rate or a pace of 0 is no measurement but the lack of one. */
const unlessZero = (value: number): number => unless(value, 0);

/** m/s, from 0.01 km/h. */
export const SPEED = field('speed', 'speed', (from) => from.u16() / 360);
export const AVERAGE_SPEED = field('average_speed', 'speed', (from) => from.u16() / 360);
/** m since the session began. */
export const DISTANCE = field('distance', 'distance', (from) => from.u24());
/** %, positive uphill. */
export const INCLINATION = field('inclination', 'inclination', (from) => unless(from.i16(), 0x7fff, 10));
/** Degrees. */
export const RAMP_ANGLE = field('ramp_angle', 'angle', (from) => unless(from.i16(), 0x7fff, 10));

/** m climbed and m descended; treadmills count in dm, the others in m. */
export function elevation(steps: 1 | 10): readonly [MachineField, MachineField] {
  return [
    field('elevation_gain', 'elevation_gain', (from) => from.u16() / steps),
    field('elevation_loss', 'elevation_gain', (from) => from.u16() / steps),
  ];
}
export const [ELEVATION_GAIN] = elevation(1);

/** s for 500 m, as the machine sends it. */
export const PACE = field('pace', 'pace', (from) => unlessZero(from.u16()));
export const AVERAGE_PACE = field('average_pace', 'pace', (from) => unlessZero(from.u16()));
/** s for 500 m, from 0.1 km/min: n of them are n · 100 m in 60 s. */
const fromSpeed = (steps: number): number => (steps === 0 ? NaN : 300 / steps);
export const SPEED_PACE = field('pace', 'pace', (from) => fromSpeed(from.u8()));
export const AVERAGE_SPEED_PACE = field('average_pace', 'pace', (from) => fromSpeed(from.u8()));

/** kcal since the session began, and at the present rate. */
export const ENERGY = [
  field('calories', 'calories', (from) => unless(from.u16(), 0xffff)),
  field('calories_per_hour', 'calories_per_hour', (from) => unless(from.u16(), 0xffff)),
  field('calories_per_minute', 'calories_per_minute', (from) => unless(from.u8(), 0xff)),
] as const;
export const HEART_RATE = field('heartrate', 'heartrate', (from) => unlessZero(from.u8()));
export const METABOLIC_EQUIVALENT = field('met', 'met', (from) => from.u8() / 10);
/** s. */
export const ELAPSED = field('elapsed_time', 'duration', (from) => from.u16());
export const REMAINING = field('remaining_time', 'duration', (from) => from.u16());

/** W; negative where the machine drives. */
export const POWER = field('power', 'power', (from) => from.i16());
export const AVERAGE_POWER = field('average_power', 'power', (from) => from.i16());
/** N and W of a belt: the only machine that may not know them. */
export const BELT_FORCE = field('belt_force', 'force', (from) => unless(from.i16(), 0x7fff));
export const BELT_POWER = field('power', 'power', (from) => unless(from.i16(), 0x7fff));

/** Without a unit; the machine's own scale. Cross trainers send tenths. */
export function resistance(steps: 1 | 10): MachineField {
  return field('resistance', 'resistance', (from) => from.i16() / steps);
}

/** Turns, steps and strokes in a minute. */
export const CADENCE = field('cadence', 'cadence', (from) => from.u16() / 2);
export const AVERAGE_CADENCE = field('average_cadence', 'cadence', (from) => from.u16() / 2);
export const STEP_RATE = field('step_rate', 'cadence', (from) => from.u16());
export const AVERAGE_STEP_RATE = field('average_step_rate', 'cadence', (from) => from.u16());
export const STROKE_RATE = field('stroke_rate', 'cadence', (from) => from.u8() / 2);
export const AVERAGE_STROKE_RATE = field('average_stroke_rate', 'cadence', (from) => from.u8() / 2);

/** Counts since the session began. */
export const FLOORS = field('floors', 'floors', (from) => from.u16());
export const STEPS = field('steps', 'steps', (from) => from.u16());
export const LONG_STEPS = field('steps', 'steps', (from) => from.u24());
export const STROKES = field('strokes', 'strokes', (from) => from.u16());
export const STRIDES = field('strides', 'strides', (from) => from.u16());
/** A stride of a cross trainer is a pair of steps, counted in tenths. */
export const TENTH_STRIDES = field('strides', 'strides', (from) => from.u16() / 10);
