/** What a person has entered while teaching a device, as typed, and what it amounts to. Pure. */
import { attributeName, taughtValue } from '../../../app/teach.ts';
import { attributeType, knownTypes, type AttributeCategory } from '../../../model/attribute-types.ts';
import {
  makeMapping,
  NUMBER_BYTES,
  type Mapping,
  type MappingDraft,
  type NumberType,
  type TaughtReading,
} from '../../../model/mapping.ts';
import type { Result } from '../../../model/result.ts';
import { digitsFor, numberStyle } from '../reading.ts';

/** What a reading is when nobody knows a name for it. */
export const GENERIC = 'generic';
/** As the file format allows (model/mapping.ts). */
export const MAX_READINGS = 32;
const MAX_OFFSET = 511;
const MAX_UNIT = 20;
/** A sign that people copy from texts. */
const MINUS = /^−/;

export interface DraftReading {
  /** Tells readings of one draft apart. */
  readonly key: number;
  readonly service: string;
  readonly characteristic: string;
  readonly name: string;
  readonly attributeType: string;
  readonly unit: string;
  /** Of the first byte, from 0. */
  readonly offset: string;
  readonly type: NumberType;
  readonly endian: TaughtReading['endian'];
  readonly scale: string;
  readonly add: string;
}

/** All that is entered; kept while the page is open, so that a closed dialog loses nothing. */
export interface TeachDraft {
  readonly services: readonly string[];
  /** The device it was entered for. */
  readonly deviceId: string | undefined;
  readonly name: string;
  readonly readings: readonly DraftReading[];
}

export const EMPTY_DRAFT: TeachDraft = { services: [], deviceId: undefined, name: '', readings: [] };

export type DraftField = 'name' | 'unit' | 'offset' | 'scale' | 'add';
export type DraftProblem = 'name-empty' | 'name-unusable' | 'name-taken' | 'number' | 'zero' | 'offset' | 'unit';
export type DraftProblems = Readonly<Partial<Record<DraftField, DraftProblem>>>;

/** A reading that begins at a byte. */
export function newReading(
  readings: readonly DraftReading[],
  place: Pick<DraftReading, 'service' | 'characteristic'>,
  offset: number,
): DraftReading {
  const { service, characteristic } = place;
  return {
    key: 1 + Math.max(0, ...readings.map(({ key }) => key)),
    ...{ service, characteristic, name: '', attributeType: GENERIC, unit: '' },
    ...{ offset: String(offset), type: 'uint8', endian: 'little', scale: '1', add: '0' },
  };
}

/** Readings of one value of the device, in the order they were made. */
export function readingsOf(
  readings: readonly DraftReading[],
  place: Pick<DraftReading, 'service' | 'characteristic'>,
): readonly DraftReading[] {
  return readings.filter((one) => one.service === place.service && one.characteristic === place.characteristic);
}

/** A number as people type it, `0,1` included; undefined if it is none. */
export function typedNumber(text: string): number | undefined {
  const plain = text.trim().replace(',', '.').replace(MINUS, '-');
  const value = plain === '' ? NaN : Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

/** What is wrong, by field; empty if nothing is. */
export function problemsOf(draft: DraftReading, readings: readonly DraftReading[]): DraftProblems {
  const [offset, scale] = [typedNumber(draft.offset), typedNumber(draft.scale)];
  const offsetFits = offset !== undefined && Number.isInteger(offset) && offset >= 0 && offset <= MAX_OFFSET;
  const name = nameProblem(draft, readings);
  return {
    ...(name !== undefined && { name }),
    ...(draft.unit.length > MAX_UNIT && { unit: 'unit' }),
    ...(!offsetFits && { offset: 'offset' }),
    ...(scale === undefined ? { scale: 'number' } : scale === 0 && { scale: 'zero' }),
    ...(typedNumber(draft.add) === undefined && { add: 'number' }),
  };
}

function nameProblem(draft: DraftReading, readings: readonly DraftReading[]): DraftProblem | undefined {
  if (draft.name.trim() === '') return 'name-empty';
  const id = attributeName(draft.name);
  if (id === undefined) return 'name-unusable';
  const taken = readings.some((one) => one.key !== draft.key && attributeName(one.name) === id);
  return taken ? 'name-taken' : undefined;
}

/** True if everything that was entered can be used. */
export function isComplete(readings: readonly DraftReading[]): boolean {
  return readings.length > 0 && readings.every((one) => Object.keys(problemsOf(one, readings)).length === 0);
}

/**
 * A change of what a reading is brings its name along, where that was not given by hand, and its unit in any case: what is
 * known has one unit everywhere.
 */
export function withType(draft: DraftReading, type: string, nameOf: (type: string) => string): DraftReading {
  const before = draft.attributeType === GENERIC ? '' : nameOf(draft.attributeType);
  const byHand = draft.name !== '' && draft.name !== before;
  return {
    ...draft,
    attributeType: type,
    unit: attributeType(type).unit,
    name: byHand ? draft.name : type === GENERIC ? '' : nameOf(type),
  };
}

/** Kinds of single numbers that a reading can be, by category; what is only ever computed is none. */
export function typeChoices(): ReadonlyMap<AttributeCategory, readonly string[]> {
  const choices = new Map<AttributeCategory, string[]>();
  for (const { type, category, shape, estimated } of knownTypes()) {
    if (estimated || (shape !== 'number' && shape !== 'waveform')) continue;
    choices.set(category, [...(choices.get(category) ?? []), type]);
  }
  return choices;
}

/** The bytes that a reading takes, as far as it is entered: first, and one after the last. */
export function spanOf({ offset, type }: DraftReading): readonly [number, number] | undefined {
  const first = typedNumber(offset);
  return first === undefined || !Number.isInteger(first) ? undefined : [first, first + NUMBER_BYTES[type]];
}

export type LiveNumber =
  | { readonly kind: 'none' }
  | { readonly kind: 'beyond'; readonly bytes: number }
  | { readonly kind: 'not-finite' }
  | { readonly kind: 'value'; readonly value: number; readonly digits: number };

/** What the reading is in the newest bytes, computed as it will be when it is measured. */
export function liveNumber(draft: DraftReading, bytes: Uint8Array | undefined): LiveNumber {
  const [offset, scale, add] = [draft.offset, draft.scale, draft.add].map(typedNumber);
  if (bytes === undefined || offset === undefined || scale === undefined || add === undefined) return { kind: 'none' };
  if (!Number.isInteger(offset) || offset < 0) return { kind: 'none' };
  const { type, endian } = draft;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = taughtValue(view, { attribute: draft.name, offset, type, endian, scale, add });
  if (read.ok) {
    const kind = attributeType(draft.attributeType);
    const whole = kind.category === 'generic' && !type.startsWith('float') && [scale, add].every(Number.isInteger);
    const digits = whole ? 0 : digitsFor(read.value, numberStyle(kind), kind);
    return { kind: 'value', value: read.value, digits };
  }
  return read.error.code === 'decode-truncated' ? { kind: 'beyond', bytes: bytes.length } : { kind: 'not-finite' };
}

/** The mapping that was entered. Errors as of `makeMapping`; what `isComplete` lets pass is none. */
export function mappingOf(name: string, readings: readonly DraftReading[]): Result<Mapping> {
  const groups = new Map<string, MappingDraft['characteristics'][number]>();
  for (const draft of readings) {
    const { service, characteristic, unit, type, endian } = draft;
    const key = `${service} ${characteristic}`;
    const group = groups.get(key) ?? { service, characteristic, readings: [] };
    group.readings.push({
      attribute: attributeName(draft.name) ?? '',
      attributeType: draft.attributeType,
      ...{ unit: unit.trim(), type, endian },
      offset: typedNumber(draft.offset) ?? -1,
      scale: typedNumber(draft.scale) ?? 0,
      add: typedNumber(draft.add) ?? 0,
    });
    groups.set(key, group);
  }
  return makeMapping({ name, characteristics: [...groups.values()] });
}
