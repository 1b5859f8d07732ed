/** Generic Sensor API (W3C): start a sensor, hear its readings, change its rate. The only file that knows it. */
import type { Store } from '../../lib/store.ts';
import type { Timers } from '../../lib/timers.ts';
import { appError, describeThrown, type AppError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';

/** The part of `Sensor` that is used. */
export interface SensorLike extends Pick<EventTarget, 'addEventListener'> {
  /** ms since the page began; null before the first reading. */
  readonly timestamp: number | null;
  start(): void;
  stop(): void;
}

/** `Accelerometer` (m/s²), `Gyroscope` (rad/s). */
export interface AxesSensor extends SensorLike {
  readonly x: number | null;
  readonly y: number | null;
  readonly z: number | null;
}

/** `AbsoluteOrientationSensor`, `RelativeOrientationSensor`: x, y, z, w. */
export interface RotationSensor extends SensorLike {
  readonly quaternion: readonly number[] | null;
}

/** `AmbientLightSensor`: lux. */
export interface LightSensor extends SensorLike {
  readonly illuminance: number | null;
}

/** `ProximitySensor`: cm. */
export interface DistanceSensor extends SensorLike {
  readonly distance: number | null;
}

export type SensorClass<S extends SensorLike> = new (options: { frequency?: number; referenceFrame?: 'device' }) => S;

/** The classes of a browser; those it lacks are missing. */
export interface SensorClasses {
  readonly Accelerometer?: SensorClass<AxesSensor>;
  readonly Gyroscope?: SensorClass<AxesSensor>;
  readonly AbsoluteOrientationSensor?: SensorClass<RotationSensor>;
  readonly RelativeOrientationSensor?: SensorClass<RotationSensor>;
  readonly AmbientLightSensor?: SensorClass<LightSensor>;
  readonly ProximitySensor?: SensorClass<DistanceSensor>;
}

/** A browser that has neither started nor refused a sensor after this time, ms, will not. */
const START_LIMIT = 5000;

export interface SensorRun<S extends SensorLike> {
  readonly make: SensorClass<S>;
  /** Samples a second; followed while it runs. Absent: the browser's own choice. */
  readonly rate?: Pick<Store<number>, 'get' | 'subscribe'>;
  readonly onReading: (sensor: S) => void;
  /** It stopped by itself after it had started. */
  readonly onError: (error: AppError) => void;
  readonly timers: Timers;
}

/**
 * Runs a sensor until `signal` is aborted. `source-permission` where the person or a setting refuses,
 * `source-unsupported` where the device has none, `source-silent` where nothing happens.
 */
export function runSensor<S extends SensorLike>(run: SensorRun<S>, signal: AbortSignal): Promise<Result<void>> {
  const { make, rate, onReading, onError, timers } = run;
  let stopCurrent = (): void => undefined;
  return new Promise((resolve) => {
    let settled = false;
    const settle = (result: Result<void>): void => {
      if (!settled) resolve(result);
      else if (!result.ok && !signal.aborted) onError(result.error);
      settled = true;
      cancelLimit();
    };
    const cancelLimit = timers.after(START_LIMIT, () => settle(fail(appError('source-silent', make.name))));

    /** The rate of a sensor is fixed when it is made: another rate, another sensor. */
    function begin(): void {
      stopCurrent();
      if (signal.aborted) return;
      const ending = new AbortController();
      const options = { signal: ending.signal };
      try {
        const sensor = new make({ referenceFrame: 'device', ...(rate && { frequency: rate.get() }) });
        sensor.addEventListener('activate', () => settle(ok(undefined)), options);
        sensor.addEventListener(
          'reading',
          () => {
            settle(ok(undefined));
            onReading(sensor);
          },
          options,
        );
        sensor.addEventListener('error', (event) => settle(fail(sensorError(errorOf(event)))), options);
        stopCurrent = () => {
          ending.abort();
          sensor.stop();
        };
        sensor.start();
      } catch (thrown) {
        // A page whose policy forbids a sensor is told when it makes one.
        settle(fail(sensorError(thrown)));
      }
    }
    const unfollow = rate?.subscribe(begin);
    signal.addEventListener(
      'abort',
      () => {
        unfollow?.();
        stopCurrent();
        settle(ok(undefined));
      },
      { once: true },
    );
    begin();
  });
}

function errorOf(event: Event): unknown {
  return 'error' in event ? event.error : undefined;
}

/** What an exception of the sensor API means. */
function sensorError(thrown: unknown): AppError {
  const name = thrown instanceof Error ? thrown.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') {
    return appError('source-permission', describeThrown(thrown));
  }
  if (name === 'NotReadableError' || name === 'NotSupportedError') {
    return appError('source-unsupported', describeThrown(thrown));
  }
  return appError('source-silent', describeThrown(thrown));
}
