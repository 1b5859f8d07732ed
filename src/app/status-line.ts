/** The sentence that is always on the screen: what the connection does and what that means for the data. Pure. */
import type { SensorStatus, StatusLine, WorkerStatus } from './api.ts';
import { drainOf } from './drain.ts';
import { secondsBetween } from './signal-state.ts';

/** @param now Unix ms */
export function statusLine(status: WorkerStatus, now: number): StatusLine {
  const { connection, sensors } = status;
  const { kept } = status.totals;
  switch (connection.at) {
    case 'idle':
    case 'connecting':
      return { kind: 'starting' };
    case 'offline':
      return { kind: 'offline', kept };
    case 'refused':
      return connection.error.code === 'server-unauthorized'
        ? { kind: 'sign-in', kept, error: connection.error }
        : { kind: 'failed', error: connection.error };
    case 'reconnecting':
      return {
        kind: 'reconnecting',
        attempt: connection.attempt,
        inSeconds: secondsBetween(now, connection.retryAt),
        kept,
        reason: connection.reason,
      };
    case 'connected':
      return connectedLine(sensors, kept);
  }
}

function connectedLine(sensors: readonly SensorStatus[], kept: number): StatusLine {
  for (const sensor of sensors) {
    if (sensor.channel.at === 'refused') return { kind: 'failed', error: sensor.channel.error };
  }
  const paused = sensors.filter((sensor) => sensor.paused);
  if (paused.length > 0) {
    const why = paused.some((sensor) => sensor.memoryProtection) ? 'memory' : 'load';
    return { kind: 'paused', why, kept };
  }
  const drain = drainOf(sensors);
  if (drain !== undefined) return { kind: 'draining', ...drain };
  return { kind: 'connected', sending: sensors.filter((sensor) => sensor.rate > 0).length };
}
