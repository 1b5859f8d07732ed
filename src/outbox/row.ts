/** Reading back what is remembered of a sensor. Whatever is found on disk is checked before it is believed. */
import type { AttributeRegistration, SensorDescriptor, SensorId } from '../model/sensor.ts';
import {
  RECORD_SPAN,
  type AsideRecord,
  type AttributeTotals,
  type Gap,
  type SensorRow,
  type StoredRecord,
} from './ports.ts';

/** What may be added to sequence numbers that were used but perhaps not noted: more samples than any sensor takes in the time between two forced writes. */
export const SEQ_MARGIN = 2 ** 20;

/** A sensor of which nothing is known. */
export function emptyRow(sensorId: SensorId): SensorRow {
  return {
    sensorId,
    nextId: RECORD_SPAN,
    gone: [],
    nextGap: 1,
    oldestUnsentAt: undefined,
    clean: true,
    attributes: {},
    descriptor: undefined,
    registrations: [],
    marks: [],
    unknownAsides: 0,
  };
}

/** The row as stored, or undefined if it is none. */
export function parseRow(sensorId: unknown, value: unknown): SensorRow | undefined {
  if (typeof sensorId !== 'string' || !isFields(value)) return undefined;
  const { nextId, gone, nextGap, oldestUnsentAt, clean, attributes, descriptor, registrations, marks } = value;
  const { unknownAsides } = value;
  if (!isCount(nextId) || !isCount(nextGap) || !isFields(attributes) || !Array.isArray(gone)) return undefined;
  const totals: [string, AttributeTotals][] = [];
  for (const [attribute, raw] of Object.entries(attributes)) {
    const one = parseTotals(raw);
    if (!one) return undefined;
    totals.push([attribute, one]);
  }
  return {
    sensorId,
    nextId,
    gone: gone.filter(isPair),
    nextGap,
    oldestUnsentAt: typeof oldestUnsentAt === 'number' ? oldestUnsentAt : undefined,
    clean: clean === true,
    attributes: Object.fromEntries(totals),
    descriptor: isDescriptor(descriptor) ? descriptor : undefined,
    registrations: Array.isArray(registrations) ? registrations.filter(isRegistration) : [],
    marks: Array.isArray(marks) ? marks.filter(isMark) : [],
    unknownAsides: isCount(unknownAsides) ? unknownAsides : 0,
  };
}

/** The record as stored, or undefined if it is none. What `bytes` hold is for the codec to say. */
export function parseRecord(value: unknown): StoredRecord | undefined {
  if (!isFields(value)) return undefined;
  const { attribute, samples, from, to, firstSeq, bytes } = value;
  if (typeof attribute !== 'string' || !isCount(samples) || samples === 0) return undefined;
  if (typeof from !== 'number' || typeof to !== 'number' || !(bytes instanceof Uint8Array)) return undefined;
  return { attribute, samples, from, to, ...(isCount(firstSeq) && { firstSeq }), bytes };
}

/** Bytes of a record on disk: what it holds, and about what key and names around it take. */
export function sizeOf(record: StoredRecord): number {
  return record.bytes.length + record.attribute.length + 100;
}

export function isAside(value: unknown): value is AsideRecord {
  return (
    isFields(value) &&
    ['sensorId', 'reason'].every((key) => typeof value[key] === 'string') &&
    ['id', 'at', 'samples'].every((key) => typeof value[key] === 'number')
  );
}

export function isGap(value: unknown): value is Gap {
  return (
    isFields(value) &&
    ['sensorId', 'cause'].every((key) => typeof value[key] === 'string') &&
    ['from', 'to'].every((key) => typeof value[key] === 'number')
  );
}

function parseTotals(raw: unknown): AttributeTotals | undefined {
  if (!isFields(raw)) return undefined;
  const { nextSeq, measured, confirmed, setAside, evicted, bytes } = raw;
  if (!isCount(nextSeq) || !isCount(measured) || !isCount(confirmed)) return undefined;
  if (!isCount(setAside) || !isCount(evicted) || !isCount(bytes)) return undefined;
  return { nextSeq, measured, confirmed, setAside, evicted, bytes };
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isPair(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger);
}

function isMark(value: unknown): value is readonly [string, number] {
  return Array.isArray(value) && typeof value[0] === 'string' && isCount(value[1]);
}

function isDescriptor(value: unknown): value is SensorDescriptor {
  return (
    isFields(value) &&
    ['sensorId', 'name', 'sensorType'].every((key) => typeof value[key] === 'string') &&
    typeof value['demo'] === 'boolean'
  );
}

function isRegistration(value: unknown): value is AttributeRegistration {
  return (
    isFields(value) &&
    ['attribute', 'attributeType'].every((key) => typeof value[key] === 'string') &&
    typeof value['samplingRate'] === 'number' &&
    (value['ring'] === undefined || isCount(value['ring']))
  );
}
