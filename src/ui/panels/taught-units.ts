/** Units of readings that a person taught. Pure. */
import type { Mapping } from '../../model/mapping.ts';
import type { ReadingSource } from './reading.ts';

/** The sources with their units as taught; those that were not taught stay as they are. */
export function withTaughtUnits(
  sources: readonly ReadingSource[],
  mappings: readonly Mapping[],
): readonly ReadingSource[] {
  if (mappings.length === 0) return sources;
  const taught = mappings.flatMap(({ characteristics }) => characteristics.flatMap(({ readings }) => readings));
  const units = new Map(taught.map(({ attribute, unit }) => [attribute, unit]));
  return sources.map((source) => ({ ...source, unit: units.get(source.attribute) }));
}
