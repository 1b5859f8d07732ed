/** Collects the values of one batch of lines: one reading per attribute, however many lines there were. */
import type { AttributeId } from '../../model/attribute.ts';
import type { Json } from '../../model/block.ts';
import type { Reading, Timing } from '../../model/reading.ts';
import { attributeName, untaken } from './attribute-name.ts';
import type { LineTime } from './line-clock.ts';
import type { LineValue } from './line-values.ts';

interface Column {
  readonly attribute: AttributeId;
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

/** An empty collection. Values of one attribute that differ in kind, fields or clock become readings of their own. */
export function createReadings(): Readings {
  const columns = new Map<string, Column>();
  return {
    add(attribute, value, time) {
      const fields = value.kind === 'vector' ? fieldNames(value.fields) : undefined;
      const key = [attribute, value.kind, time?.clock, ...(fields ?? [])].join(' ');
      const column = columns.get(key) ?? {
        attribute,
        fields,
        clock: time?.clock,
        numbers: [],
        payloads: [],
        times: [],
      };
      columns.set(key, column);
      if (value.kind === 'number') column.numbers.push(value.value);
      else if (value.kind === 'vector') column.numbers.push(...value.values);
      else column.payloads.push(value.text);
      if (time) column.times.push(time.time);
    },
    all: () => [...columns.values()].map(toReading),
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
