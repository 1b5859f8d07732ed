/** Where the letters of several lines stand, so that none hides another. Pure. */

/**
 * Heights for letters of height `size` near the wanted ones, in the same order, within 0 … `height` as far as there is room.
 * Lines without a value have no letter.
 */
export function placeLabels(
  wanted: readonly (number | undefined)[],
  size: number,
  height: number,
): readonly (number | undefined)[] {
  const order = wanted.flatMap((y, line) => (y === undefined ? [] : [{ line, y }])).sort((a, b) => a.y - b.y);
  let floor = size / 2;
  // From above each keeps its distance to the one before; then all are pushed up from the lower edge.
  const down = order.map(({ line, y }) => {
    const place = Math.max(y, floor);
    floor = place + size;
    return { line, place };
  });
  let ceiling = height - size / 2;
  const places = new Map<number, number>();
  for (const { line, place } of down.reverse()) {
    const fitted = Math.min(place, ceiling);
    ceiling = fitted - size;
    places.set(line, fitted);
  }
  return wanted.map((_, line) => places.get(line));
}
