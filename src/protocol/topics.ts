/** Channel topics of the platform . */
import type { SensorId } from '../model/sensor.ts';

export const SENSOR_TOPIC_PREFIX = 'sensocto:sensor:';
export const CONNECTOR_TOPIC_PREFIX = 'sensocto:connector:';
export const LVNTEST_TOPIC_PREFIX = 'sensocto:lvntest:';
export const VIEWER_TOPIC_PREFIX = 'viewer:data:';
/** Heartbeats travel on this pseudo topic. */
export const PHOENIX_TOPIC = 'phoenix';

/** Topic of one sensor's stream. */
export function sensorTopic(sensorId: SensorId): string {
  return `${SENSOR_TOPIC_PREFIX}${sensorId}`;
}

/** Topic of a viewer's data; the token is part of the topic. */
export function viewerTopic(token: string): string {
  return `${VIEWER_TOPIC_PREFIX}${token}`;
}
