import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Persons } from '../../../../workers/pose/persons.ts';
import { bodyAt } from './bodies.ts';

const START = 1_700_000_000_000;

/** Number → x of the hips. */
function placesOf(persons: Persons, xs: readonly number[], most: number, time: number): Record<number, number> {
  const found = persons.assign(
    xs.map((x) => bodyAt(x, 0.5)),
    most,
    time,
  );
  return Object.fromEntries(
    found.map(({ number, body }) => [number, ((body.landmarks[23]?.x ?? 0) + (body.landmarks[24]?.x ?? 0)) / 2]),
  );
}

describe('persons', () => {
  it('keep their numbers when the runtime changes their order', () => {
    const persons = new Persons();
    expect(placesOf(persons, [0.2, 0.8], 2, START)).toEqual({ 1: 0.2, 2: 0.8 });
    expect(placesOf(persons, [0.78, 0.22], 2, START + 33)).toEqual({ 1: 0.22, 2: 0.78 });
  });

  it('keep them while the other is away', () => {
    const persons = new Persons();
    placesOf(persons, [0.2, 0.8], 2, START);
    expect(placesOf(persons, [0.8], 2, START + 33)).toEqual({ 2: 0.8 });
    expect(placesOf(persons, [0.75, 0.2], 2, START + 1000)).toEqual({ 1: 0.2, 2: 0.75 });
  });

  it('a newcomer gets a number that nobody has', () => {
    const persons = new Persons();
    placesOf(persons, [0.2, 0.8], 3, START);
    expect(placesOf(persons, [0.8, 0.4], 3, START + 33)).toEqual({ 1: 0.4, 2: 0.8 });
    const others = new Persons();
    placesOf(others, [0.1, 0.9], 3, START);
    expect(placesOf(others, [0.9, 0.5], 3, START + 33)).toEqual({ 2: 0.9, 3: 0.5 });
  });

  it('walk further the longer nobody looked', () => {
    const [often, seldom] = [new Persons(), new Persons()];
    for (const persons of [often, seldom]) placesOf(persons, [0.2], 2, START);
    expect(placesOf(often, [0.6], 2, START + 33)).toEqual({ 2: 0.6 });
    expect(placesOf(seldom, [0.6], 2, START + 500)).toEqual({ 1: 0.6 });
  });

  it('are forgotten after two seconds', () => {
    const persons = new Persons();
    placesOf(persons, [0.2, 0.8], 2, START);
    expect(placesOf(persons, [0.8], 2, START + 2001)).toEqual({ 1: 0.8 });
  });

  it('one person stays person 1, wherever they jump', () => {
    const persons = new Persons();
    expect(placesOf(persons, [0.1], 1, START)).toEqual({ 1: 0.1 });
    expect(placesOf(persons, [0.9], 1, START + 33)).toEqual({ 1: 0.9 });
    expect(placesOf(persons, [0.2, 0.85], 1, START + 66)).toEqual({ 1: 0.85 });
  });

  it('fewer are wanted: the others are left out', () => {
    const persons = new Persons();
    placesOf(persons, [0.2, 0.8], 2, START);
    expect(placesOf(persons, [0.2, 0.8], 1, START + 33)).toEqual({ 1: 0.2 });
  });

  it('have each a number of their own, as many as there are and are wanted', () => {
    const place = fc.double({ min: -0.5, max: 1.5, noNaN: true });
    const picture = fc.record({ xs: fc.array(place, { maxLength: 6 }), most: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(fc.array(picture, { maxLength: 12 }), (pictures) => {
        const persons = new Persons();
        pictures.forEach(({ xs, most }, i) => {
          const numbers = persons
            .assign(
              xs.map((x) => bodyAt(x, 0.5)),
              most,
              START + i * 100,
            )
            .map(({ number }) => number);
          expect(new Set(numbers).size).toBe(Math.min(most, xs.length));
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
          expect(numbers.every((number) => number >= 1 && number <= most)).toBe(true);
        });
      }),
    );
  });
});
