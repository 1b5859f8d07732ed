/** Counters that begin again at 0, as numbers that only grow. */

/**
 * A number for each count that goes on where the counter begins anew: the one nearest to the last. Several streams that
 * share a counter share the function.
 * @param modulus counts before the counter begins again
 */
export function createUnwrap(modulus: number): (count: number) => number {
  let last: number | undefined;
  return (count) => {
    const turns = last === undefined ? 0 : Math.round((last - count) / modulus);
    last = count + turns * modulus;
    return last;
  };
}
