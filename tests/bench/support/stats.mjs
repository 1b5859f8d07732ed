/** The few statistics the rows need. */

/** The value below which `share` (0–1) of the values lie; NaN for none. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function median(values) {
  return percentile(values, 0.5);
}

/**
 * Runs two things in turn, `rounds` times, after one round that does not count, so that drift hits both alike; every other
 * round the second one goes first.
 */
export async function paired(rounds, first, second) {
  await first();
  await second();
  const results = { first: [], second: [] };
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 1) results.second.push(await second());
    results.first.push(await first());
    if (round % 2 === 0) results.second.push(await second());
  }
  return results;
}

/** A row of the table. `ratio` is value over baseline. */
export function row(name, unit, value, baseline) {
  return { name, unit, value, baseline, ratio: baseline === undefined ? undefined : value / baseline };
}
