/** Which person of one picture is which of the pictures before, by where the hips are. */
import { LANDMARK } from '../../src/model/skeleton.ts';
import type { Body } from './ports.ts';

/** Beyond this it is somebody else: of the picture, and more for each second they were not seen. */
const REACH = 0.2;
const SPEED = 1;
/** Who was not seen for so long may be anybody, ms. */
const FORGET = 2000;

interface Seen {
  readonly x: number;
  readonly y: number;
  /** Unix ms. */
  readonly time: number;
}

export interface Person {
  /** From 1; stays with the person while they are seen, and for 2 s after. */
  readonly number: number;
  readonly body: Body;
}

export class Persons {
  #seen: ReadonlyMap<number, Seen> = new Map();

  /**
   * Numbers the bodies of a picture; answers at most `most`, by number.
   * @param time Unix ms
   */
  assign(bodies: readonly Body[], most: number, time: number): Person[] {
    const known = [...this.#seen].filter(([number, { time: last }]) => number <= most && time - last <= FORGET);
    const places = bodies.map((body) => ({ ...hips(body), time }));
    const numbers = numberOf(new Map(known), places, most);
    const persons = bodies.flatMap((body, i) => {
      const number = numbers[i];
      return number === undefined ? [] : [{ number, body }];
    });
    const now = places.flatMap((place, i): [number, Seen][] => {
      const number = numbers[i];
      return number === undefined ? [] : [[number, place]];
    });
    this.#seen = new Map([...known, ...now]);
    return persons.sort((a, b) => a.number - b.number);
  }
}

/**
 * A number for each place: that of the nearest one known, nearest pairs first; then numbers nobody has; then those of
 * people who are known but not here. Undefined: all `most` numbers are given.
 */
function numberOf(known: ReadonlyMap<number, Seen>, places: readonly Seen[], most: number): (number | undefined)[] {
  const numbers = places.map((): number | undefined => undefined);
  const free = new Set(Array.from({ length: most }, (_, i) => i + 1));
  const pairs = [...known]
    .flatMap(([number, { x, y, time }]) =>
      places.map((place, i) => ({
        number,
        i,
        distance: Math.hypot(place.x - x, place.y - y),
        reach: REACH + (SPEED * Math.max(0, place.time - time)) / 1000,
      })),
    )
    .filter(({ distance, reach }) => distance <= reach)
    .sort((a, b) => a.distance - b.distance);
  for (const { number, i } of pairs) {
    if (numbers[i] !== undefined || !free.has(number)) continue;
    numbers[i] = number;
    free.delete(number);
  }
  const left = [...free].sort((a, b) => Number(known.has(a)) - Number(known.has(b)) || a - b);
  return numbers.map((number) => number ?? left.shift());
}

/** The middle of the hips, of the picture. */
function hips({ landmarks }: Body): { readonly x: number; readonly y: number } {
  const left = landmarks[LANDMARK.leftHip];
  const right = landmarks[LANDMARK.rightHip];
  return left && right ? { x: (left.x + right.x) / 2, y: (left.y + right.y) / 2 } : { x: NaN, y: NaN };
}
