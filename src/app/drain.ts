/** The backlog of all sensors together. Pure. */
import type { DrainProgress } from '../model/proof.ts';
import type { SensorStatus } from './api.ts';

/**
 * Samples left of every sensor that sends a backlog, and the time of the slowest, as each has its own channel. The time
 * is not known while one of them does not know its own. Undefined: no backlog.
 */
export function drainOf(sensors: readonly Pick<SensorStatus, 'drain'>[]): DrainProgress | undefined {
  const drains = sensors.flatMap(({ drain }) => (drain === undefined ? [] : [drain]));
  if (drains.length === 0) return undefined;
  const times = drains.map(({ secondsLeft }) => secondsLeft ?? Infinity);
  const longest = Math.max(...times);
  return {
    left: drains.reduce((sum, { left }) => sum + left, 0),
    secondsLeft: Number.isFinite(longest) ? longest : undefined,
  };
}
