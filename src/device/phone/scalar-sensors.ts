/**
 * One number from a sensor of the Generic Sensor API: `light` in lux (Ambient Light Sensor), `proximity` in cm (Proximity
 * Sensor). Few browsers have them, some behind a switch, and those that do round light to 50 lux.
 */
import { appError } from '../../model/errors.ts';
import { fail, ok } from '../../model/result.ts';
import type { Source } from '../source.ts';
import { eventTime } from './event-time.ts';
import {
  runSensor,
  type DistanceSensor,
  type LightSensor,
  type SensorClass,
  type SensorLike,
} from './generic-sensor.ts';
import type { MotionEdges } from './motion-permission.ts';
import { allFinite, numbers } from './phone-readings.ts';

type Edges = Pick<MotionEdges, 'classes' | 'secure' | 'permission' | 'clock' | 'timers'>;

export function lightSource(edges: Edges): Source {
  const value = ({ illuminance }: LightSensor): number | null => illuminance;
  return scalarSource(edges, 'light', 'ambient-light-sensor', edges.classes.AmbientLightSensor, value);
}

export function proximitySource(edges: Edges): Source {
  const value = ({ distance }: DistanceSensor): number | null => distance;
  return scalarSource(edges, 'proximity', 'proximity', edges.classes.ProximitySensor, value);
}

/** Reports changes, so it has no nominal rate and may be quiet. */
function scalarSource<S extends SensorLike>(
  { secure, permission, clock, timers }: Edges,
  attribute: string,
  permissionName: string,
  make: SensorClass<S> | undefined,
  valueOf: (sensor: S) => number | null,
): Source {
  return {
    kind: attribute,
    attributes: [{ attribute, attributeType: attribute, samplingRate: 0 }],
    async support() {
      if (!secure) return fail(appError('source-insecure'));
      if (!make) return fail(appError('source-unsupported', attribute));
      const state = await permission(permissionName);
      return state === 'denied' ? fail(appError('source-permission', attribute)) : ok(undefined);
    },
    start(output, signal) {
      if (!make) return Promise.resolve(fail(appError('source-unsupported', attribute)));
      const onReading = (sensor: S): void => {
        const values = allFinite([valueOf(sensor)]);
        if (!values) return output.trouble(appError('source-empty', attribute));
        output.readings([numbers(attribute, values, eventTime(sensor.timestamp, clock))], clock.now());
      };
      return runSensor({ make, onReading, onError: (error) => output.trouble(error), timers }, signal);
    },
  };
}
