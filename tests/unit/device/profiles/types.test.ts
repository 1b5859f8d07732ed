/** Every attribute a profile announces is of a type that the app knows: a unit, a range, a way to be drawn. */
import { describe, expect, it } from 'vitest';
import { UNNAMED } from '../../../../src/device/lines/line-reader.ts';
import { PROFILES } from '../../../../src/device/profiles/registry.ts';
import { attributeType } from '../../../../src/model/attribute-types.ts';

const announced = PROFILES.flatMap(({ name, characteristics }) =>
  characteristics.flatMap(({ attributes }) =>
    attributes
      // A line of text may hold a number without a name: what that is, nobody knows.
      .filter(({ attributeType: type }) => type !== UNNAMED)
      .map((one) => [name, one.attribute, one.attributeType] as const),
  ),
);

describe('attributes of profiles', () => {
  it('are many', () => {
    expect(announced.length).toBeGreaterThan(100);
  });

  it.each(announced)('%s: %s is of a known type, %s', (_, __, type) => {
    expect(attributeType(type).category).not.toBe('generic');
  });
});
