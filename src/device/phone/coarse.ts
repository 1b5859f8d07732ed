/** Places given away less exactly: the middle of the square they are in. Pure. */
import type { LocationDetail } from './phone-types.ts';

export interface Place {
  /** Degrees. */
  readonly latitude: number;
  /** Degrees. */
  readonly longitude: number;
  /** Metres within which it is right, 95 %. */
  readonly accuracy: number;
}

/** Metres of one degree of latitude. */
const METRES = 111_320;
/** Near the poles squares would go around the earth; from here on they keep their width in degrees. */
const LEAST_COSINE = 0.01;

const SIDE: Readonly<Record<LocationDetail, number>> = { exact: 0, '100 m': 100, '1 km': 1000 };

/**
 * The middle of the square; its accuracy holds for everybody in the square, so it says no more about the place than the
 * square does.
 */
export function coarsened(place: Place, detail: LocationDetail): Place {
  const side = SIDE[detail];
  if (side === 0) return place;
  const latitude = middle(place.latitude, side / METRES, 90);
  const cosine = Math.max(LEAST_COSINE, Math.cos((latitude * Math.PI) / 180));
  const longitude = middle(place.longitude, side / (METRES * cosine), 180);
  // From the middle to a corner, and as far as the place itself may be off, in steps of the square.
  const accuracy = Math.ceil((place.accuracy + side * Math.SQRT1_2) / (side / 10)) * (side / 10);
  return { latitude: rounded(latitude), longitude: rounded(longitude), accuracy };
}

/** Middle of the step that `value` is in, inside ±limit. */
function middle(value: number, step: number, limit: number): number {
  const centre = (Math.floor(value / step) + 0.5) * step;
  return Math.min(limit, Math.max(-limit, centre));
}

/** More digits would be noise: a millionth of a degree is 11 cm. */
function rounded(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
