/** Factors to the units the app stores. */

/** Standard gravity, m/s² for each g. */
export const STANDARD_GRAVITY = 9.80665;

/** rad for each degree. */
export const RADIANS = Math.PI / 180;
