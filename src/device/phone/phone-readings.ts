/** Readings as this phone's sources make them: dated here, never with a number that is none. */
import type { Json } from '../../model/block.ts';
import type { Reading } from '../../model/reading.ts';

export const XYZ = ['x', 'y', 'z'] as const;

/** One sample of one or several numbers. `time`: Unix ms. */
export function numbers(
  attribute: string,
  values: readonly number[],
  time: number,
  fields?: readonly string[],
): Reading {
  return {
    kind: 'numeric',
    attribute,
    values: Float32Array.from(values),
    ...(fields && { fields }),
    timing: { kind: 'host', times: Float64Array.of(time) },
  };
}

/** One structured sample. `time`: Unix ms. */
export function structured(attribute: string, payload: Json, time: number): Reading {
  return { kind: 'structured', attribute, payloads: [payload], timing: { kind: 'host', times: Float64Array.of(time) } };
}

/** The numbers, if all are. */
export function allFinite(values: readonly (number | null | undefined)[]): readonly number[] | undefined {
  const found = values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  return found.length === values.length ? found : undefined;
}

/** The entries whose value is known: not undefined, not null, not a number that is none. */
export function known(entries: Readonly<Record<string, Json | undefined>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(entries).flatMap(([name, value]) =>
      value === undefined || value === null || (typeof value === 'number' && !Number.isFinite(value))
        ? []
        : [[name, value]],
    ),
  );
}
