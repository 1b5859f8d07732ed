/**
 * Acceleration and rotation of this phone, in its own axes: x to the right edge, y to the top, z out of the screen.
 * - `accelerometer` x, y, z in m/s², gravity included: face up on a table it reads z = +9.8.
 * - `gyroscope` x, y, z in rad/s, by the right-hand rule.
 * Read with the Generic Sensor API where there is one, else from `devicemotion` (Device Orientation and Motion, W3C).
 */
import { createStore, type Store } from '../../lib/store.ts';
import { appError } from '../../model/errors.ts';
import type { Reading } from '../../model/reading.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Source, SourceOutput } from '../source.ts';
import { eventTime } from './event-time.ts';
import { runSensor, type AxesSensor, type SensorClass } from './generic-sensor.ts';
import { askForMotion, motionObstacle, type MotionEdges } from './motion-permission.ts';
import { allFinite, numbers, XYZ } from './phone-readings.ts';
import { watchSilence, type SilenceWatch } from './silence.ts';
import { Thinner, type Sample } from './thinner.ts';

/** Samples a second when nobody asks for less. */
export const MOTION_RATE = 50;

const RADIANS = Math.PI / 180;

/** The parts of `DeviceMotionEvent` that are used. Angles in °/s. */
interface MotionEventLike {
  readonly accelerationIncludingGravity?: Axes | null;
  readonly rotationRate?: {
    readonly alpha: number | null;
    readonly beta: number | null;
    readonly gamma: number | null;
  } | null;
}

interface Axes {
  readonly x: number | null;
  readonly y: number | null;
  readonly z: number | null;
}

/** Needs a tap where the browser asks the person. */
export function motionSource(edges: MotionEdges): Source {
  const rate = createStore(MOTION_RATE);
  const { Accelerometer, Gyroscope } = edges.classes;
  const sensors: readonly (readonly [string, SensorClass<AxesSensor>])[] = [
    ...(Accelerometer ? [['accelerometer', Accelerometer] as const] : []),
    ...(Gyroscope ? [['gyroscope', Gyroscope] as const] : []),
  ];
  return {
    kind: 'motion',
    get attributes() {
      const samplingRate = rate.get();
      return ['accelerometer', 'gyroscope'].map((name) => ({ attribute: name, attributeType: name, samplingRate }));
    },
    async support() {
      const names = sensors.map(([name]) => name);
      const obstacle = await motionObstacle(edges, sensors.length > 0, names);
      return obstacle ? fail(obstacle) : ok(undefined);
    },
    ask: () => askForMotion(edges.ask),
    async start(output, signal) {
      if (sensors.length > 0) return startSensors(edges, sensors, rate, output, signal);
      if (!edges.events) return fail(appError('source-unsupported', 'motion'));
      const asked = await askForMotion(edges.ask);
      if (!asked.ok || signal.aborted) return asked;
      listen(edges, edges.events, rate, output, signal);
      return ok(undefined);
    },
    setRate: (hz) => rate.set(hz),
  };
}

/** Works with one of the two where a device lacks the other. */
async function startSensors(
  edges: MotionEdges,
  sensors: readonly (readonly [string, SensorClass<AxesSensor>])[],
  rate: Store<number>,
  output: SourceOutput,
  signal: AbortSignal,
): Promise<Result<void>> {
  const { clock, timers } = edges;
  const watch = watchSilence(edges, 'motion', output, signal);
  const started = await Promise.all(
    sensors.map(([attribute, make]) => {
      const deliver = delivery(attribute, rate, output, signal);
      const onReading = (sensor: AxesSensor): void => {
        const values = allFinite([sensor.x, sensor.y, sensor.z]);
        if (!values) return watch.empty();
        watch.heard();
        deliver({ time: eventTime(sensor.timestamp, clock), values }, clock.now());
      };
      return runSensor({ make, rate, onReading, onError: (error) => output.trouble(error), timers }, signal);
    }),
  );
  return started.find(({ ok }) => ok) ?? started[0] ?? fail(appError('source-unsupported', 'motion'));
}

/** Thins and hands on what comes faster than wanted: browsers round rates as they like. */
function delivery(
  attribute: string,
  rate: Store<number>,
  output: SourceOutput,
  signal: AbortSignal,
): (sample: Sample, arrival: number) => void {
  const thin = followed(rate, signal);
  return (sample, arrival) => {
    const readings = thin.push(sample).map(({ time, values }) => numbers(attribute, values, time, XYZ));
    if (readings.length > 0) output.readings(readings, arrival);
  };
}

function followed(rate: Store<number>, signal: AbortSignal): Thinner {
  const thin = new Thinner(rate.get(), true);
  const unfollow = rate.subscribe(() => thin.setRate(rate.get()));
  signal.addEventListener('abort', unfollow, { once: true });
  return thin;
}

/** One event carries both; browsers send it at a rate of their own, mostly 60 a second. */
function listen(
  edges: MotionEdges,
  events: EventTarget,
  rate: Store<number>,
  output: SourceOutput,
  signal: AbortSignal,
): void {
  const watch: SilenceWatch = watchSilence(edges, 'motion', output, signal);
  const acceleration = followed(rate, signal);
  const rotation = followed(rate, signal);
  // WebKit on phones, the only one that asks, gives acceleration the other sign: face up it says z = −9.8.
  const sign = edges.ask ? -1 : 1;
  events.addEventListener(
    'devicemotion',
    (event) => {
      const arrival = edges.clock.now();
      const time = eventTime(event.timeStamp, edges.clock);
      const { accelerationIncludingGravity: force, rotationRate: turn } = event as MotionEventLike;
      const forces = allFinite([force?.x, force?.y, force?.z])?.map((value) => sign * value);
      // All engines give the rates about x, y and z under the names alpha, beta and gamma, whatever the names say.
      const turns = allFinite([turn?.alpha, turn?.beta, turn?.gamma])?.map((value) => value * RADIANS);
      if (!forces && !turns) return watch.empty();
      watch.heard();
      const readings: Reading[] = [
        ...thinned(acceleration, 'accelerometer', time, forces),
        ...thinned(rotation, 'gyroscope', time, turns),
      ];
      if (readings.length > 0) output.readings(readings, arrival);
    },
    { signal },
  );
}

function thinned(
  thin: Thinner,
  attribute: string,
  time: number,
  values: readonly number[] | undefined,
): readonly Reading[] {
  if (!values) return [];
  return thin.push({ time, values }).map((one) => numbers(attribute, one.values, one.time, XYZ));
}
