/**
 * Glucose measurement context 2A34: what the wearer entered around a measurement. Source: Glucose Service 1.0.1 §3.2 and
 * GATT Specification Supplement, Glucose Measurement Context.
 */
import type { Json } from '../../../model/block.ts';
import type { Result } from '../../../model/result.ts';
import { FieldReader } from '../field-reader.ts';
import type { DecodeError } from '../profile.ts';
import { known } from '../spot.ts';

/** Bits of the first byte of 2A34. */
const FLAG = {
  carbohydrate: 0x01,
  meal: 0x02,
  testerAndHealth: 0x04,
  exercise: 0x08,
  medication: 0x10,
  litres: 0x20,
  hba1c: 0x40,
  extended: 0x80,
} as const;

/** Names by assigned value; what has no name is reserved and left out. */
type Names = readonly (string | undefined)[];
const CARBOHYDRATES: Names = [undefined, 'breakfast', 'lunch', 'dinner', 'snack', 'drink', 'supper', 'brunch'];
const MEALS: Names = [undefined, 'before meal', 'after meal', 'fasting', 'casual', 'bedtime'];
const TESTERS: Names = [undefined, 'self', 'health care professional', 'laboratory'];
const HEALTH: Names = [undefined, 'minor issues', 'major issues', 'during menses', 'under stress', 'no issues'];
const MEDICATIONS: Names = [
  undefined,
  'rapid acting insulin',
  'short acting insulin',
  'intermediate acting insulin',
  'long acting insulin',
  'pre-mixed insulin',
];

/** The exercise lasted longer than the field can say. */
const DURATION_OVERRUN = 0xffff;
const GRAMS_PER_KILOGRAM = 1000;
/** mg in a kg. */
const MILLIGRAMS_PER_KILOGRAM = 1e6;
const MILLILITRES_PER_LITRE = 1000;

export interface GlucoseContext {
  /** The record it belongs to. */
  readonly sequence: number;
  /** Carbohydrate g, exercise s and %, medication mg or mL, HbA1c %. */
  readonly payload: { readonly [key: string]: Json };
}

/** Parses a 2A34 packet. Errors: `decode-truncated`, `decode-oversized`. */
export function parseContext(bytes: DataView): Result<GlucoseContext, DecodeError> {
  const fields = new FieldReader(bytes, 'glucose context');
  const flags = fields.u8();
  const sequence = fields.u16();
  // The extended flags are all reserved.
  if ((flags & FLAG.extended) !== 0) fields.skip(1);
  const entries = {
    sequence,
    ...((flags & FLAG.carbohydrate) !== 0 && readCarbohydrate(fields)),
    ...((flags & FLAG.meal) !== 0 && { meal: MEALS[fields.u8()] }),
    ...((flags & FLAG.testerAndHealth) !== 0 && readTesterAndHealth(fields)),
    ...((flags & FLAG.exercise) !== 0 && readExercise(fields)),
    ...((flags & FLAG.medication) !== 0 && readMedication(fields, (flags & FLAG.litres) !== 0)),
    ...((flags & FLAG.hba1c) !== 0 && { hba1c: fields.sfloat() }),
  };
  return fields.finish({ sequence, payload: known(entries) });
}

type Entries = Readonly<Record<string, Json | undefined>>;

function readCarbohydrate(fields: FieldReader): Entries {
  return { carbohydrate: CARBOHYDRATES[fields.u8()], carbohydrate_g: fields.sfloat() * GRAMS_PER_KILOGRAM };
}

function readTesterAndHealth(fields: FieldReader): Entries {
  const both = fields.u8();
  return { tester: TESTERS[both & 0x0f], health: HEALTH[both >> 4] };
}

function readExercise(fields: FieldReader): Entries {
  const duration = fields.u16();
  const intensity = fields.u8();
  return {
    exercise_s: duration === DURATION_OVERRUN ? undefined : duration,
    exercise_intensity: intensity > 100 ? undefined : intensity,
  };
}

function readMedication(fields: FieldReader, litres: boolean): Entries {
  const medication = MEDICATIONS[fields.u8()];
  const amount = fields.sfloat();
  return litres
    ? { medication, medication_ml: amount * MILLILITRES_PER_LITRE }
    : { medication, medication_mg: amount * MILLIGRAMS_PER_KILOGRAM };
}
