/** Collects the values of one batch of lines: one reading per attribute, however many lines there were. */
import type { AttributeId } from '../../model/attribute.ts';
import type { Json } from '../../model/block.ts';
import type { Reading, Timing } from '../../model/reading.ts';
import { attributeName, untaken } from './attribute-name.ts';
import type { LineTime } from './line-clock.ts';
import type { LineValue } from './line-values.ts';

interface Column {
  readonly attribute: AttributeId;
  readonly kind: LineValue['kind'];
  readonly fields: readonly string[] | undefined;
  readonly clock: string | undefined;
  readonly numbers: number[];
  readonly payloads: Json[];
  readonly times: number[];
}

export interface Readings {
  /** @param time on the device's clock; absent: the line says nothing about time */
  add(attribute: AttributeId, value: LineValue, time: LineTime | undefined): void;
  all(): readonly Reading[];
}

/**
 * An empty collection. Where the values of one attribute change their kind, fields or clock, a reading of its own begins, so
 * that an attribute's samples keep their order.
 */
export function createReadings(): Readings {
  const columns: Column[] = [];
  /** The column that each attribute's next value may join. */
  const newest = new Map<AttributeId, Column>();

  function columnFor(
    attribute: AttributeId,
    kind: Column['kind'],
    fields: Column['fields'],
    clock: Column['clock'],
  ): Column {
    const column = newest.get(attribute);
    if (column?.kind === kind && column.clock === clock && column.fields?.join() === fields?.join()) return column;
    const next: Column = { attribute, kind, fields, clock, numbers: [], payloads: [], times: [] };
    columns.push(next);
    newest.set(attribute, next);
    return next;
  }

  return {
    add(attribute, value, time) {
      const fields = value.kind === 'vector' ? fieldNames(value.fields) : undefined;
      const column = columnFor(attribute, value.kind, fields, time?.clock);
      if (value.kind === 'number') column.numbers.push(value.value);
      else if (value.kind === 'vector') column.numbers.push(...value.values);
      else column.payloads.push(value.text);
      if (time) column.times.push(time.time);
    },
    all: () => columns.map(toReading),
  };
}

function toReading({ attribute, fields, clock, numbers, payloads, times }: Column): Reading {
  const timing: Timing =
    clock === undefined ? { kind: 'arrival' } : { kind: 'device', clock, times: Float64Array.from(times) };
  if (payloads.length > 0) return { kind: 'structured', attribute, payloads, timing };
  return { kind: 'numeric', attribute, values: Float32Array.from(numbers), ...(fields && { fields }), timing };
}

/** Field names follow the rules of attribute ids; an unusable one goes by its place. */
function fieldNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name, i) => untaken(attributeName(name) ?? `v${i + 1}`, taken));
}
