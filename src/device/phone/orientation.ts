/**
 * How this phone is turned.
 * - `quaternion` w, x, y, z: from the phone's axes to the earth's (east, north, up). Without a compass, north is where the
 *   sensor began.
 * - `heading` degrees clockwise from magnetic north; only where there is a compass.
 * Read with the Generic Sensor API where there is one, else from `deviceorientation` events.
 */
import { createStore, type Store } from '../../lib/store.ts';
import { appError } from '../../model/errors.ts';
import type { Reading } from '../../model/reading.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Source, SourceOutput } from '../source.ts';
import { eventTime } from './event-time.ts';
import { runSensor, type RotationSensor, type SensorClass } from './generic-sensor.ts';
import { askForMotion, motionObstacle, type MotionEdges } from './motion-permission.ts';
import { MOTION_RATE } from './motion.ts';
import { allFinite, numbers } from './phone-readings.ts';
import { headingOf, normalised, quaternionOf, toCircle, type Quaternion } from './rotation.ts';
import { watchSilence } from './silence.ts';
import { Thinner } from './thinner.ts';

/** Directions a second at most: nobody turns faster than that matters. */
const HEADING_RATE = 10;
/** A little less than the time between two, ms, as events are not that regular. */
const HEADING_STEP = 900 / HEADING_RATE;
/** Quiet for so long, the phone has come to rest, ms. */
const REST = 2 * HEADING_STEP;

const WXYZ = ['w', 'x', 'y', 'z'] as const;

/** The parts of `DeviceOrientationEvent` that are used, WebKit's own included. Degrees. */
interface OrientationEventLike {
  readonly alpha: number | null;
  readonly beta: number | null;
  readonly gamma: number | null;
  readonly absolute?: boolean;
  readonly webkitCompassHeading?: number | null;
  /** Degrees; below zero: not known. */
  readonly webkitCompassAccuracy?: number | null;
}

/**
 * Needs a tap where the browser asks the person. Some browsers tell only rotations that have changed: a phone at rest may
 * be quiet.
 */
export function orientationSource(edges: MotionEdges): Source {
  const rate = createStore(MOTION_RATE);
  const { AbsoluteOrientationSensor: absolute, RelativeOrientationSensor: relative } = edges.classes;
  const hasClasses = absolute !== undefined || relative !== undefined;
  return {
    kind: 'orientation',
    get attributes() {
      const samplingRate = rate.get();
      return [
        { attribute: 'quaternion', attributeType: 'quaternion', samplingRate },
        { attribute: 'heading', attributeType: 'heading', samplingRate: Math.min(samplingRate, HEADING_RATE) },
      ];
    },
    async support() {
      // The magnetometer may be refused: then there is no north, but still a rotation.
      const obstacle = await motionObstacle(edges, hasClasses, hasClasses ? ['accelerometer', 'gyroscope'] : []);
      return obstacle ? fail(obstacle) : ok(undefined);
    },
    ask: () => askForMotion(edges.ask),
    async start(output, signal) {
      if (hasClasses) return startSensor(edges, [absolute, relative], rate, output, signal);
      if (!edges.events) return fail(appError('source-unsupported', 'orientation'));
      const asked = await askForMotion(edges.ask);
      if (!asked.ok || signal.aborted) return asked;
      listen(edges, edges.events, rate, output, signal);
      return ok(undefined);
    },
    setRate: (hz) => rate.set(hz),
  };
}

/** The one with a compass if the device has it, else the other. */
async function startSensor(
  edges: MotionEdges,
  [absolute, relative]: readonly [SensorClass<RotationSensor> | undefined, SensorClass<RotationSensor> | undefined],
  rate: Store<number>,
  output: SourceOutput,
  signal: AbortSignal,
): Promise<Result<void>> {
  const { clock, timers } = edges;
  const watch = watchSilence(edges, 'orientation', output, signal, true);
  const run = (make: SensorClass<RotationSensor>, hasNorth: boolean): Promise<Result<void>> => {
    const deliver = delivery(edges, rate, output, signal);
    const onReading = ({ quaternion, timestamp }: RotationSensor): void => {
      const [x = NaN, y = NaN, z = NaN, w = NaN] = quaternion ?? [];
      const turned = normalised([w, x, y, z]);
      if (!turned) return watch.empty();
      watch.heard();
      deliver(turned, hasNorth ? headingOf(turned) : undefined, eventTime(timestamp, clock), clock.now());
    };
    return runSensor({ make, rate, onReading, onError: (error) => output.trouble(error), timers }, signal);
  };
  const first = absolute && (await run(absolute, true));
  if (first?.ok === true || !relative || signal.aborted) return first ?? ok(undefined);
  return run(relative, false);
}

type Deliver = (turned: Quaternion, heading: number | undefined, time: number, arrival: number) => void;

function delivery(edges: MotionEdges, rate: Store<number>, output: SourceOutput, signal: AbortSignal): Deliver {
  // Rotations have no average.
  const thin = new Thinner(rate.get(), false);
  const unfollow = rate.subscribe(() => thin.setRate(rate.get()));
  signal.addEventListener('abort', unfollow, { once: true });
  const paced = headingPace(edges, output, signal);
  return (turned, heading, time, arrival) => {
    const readings: Reading[] = thin
      .push({ time, values: turned })
      .map((one) => numbers('quaternion', one.values, one.time, WXYZ));
    if (heading !== undefined && readings.length > 0) readings.push(...paced(heading, time));
    if (readings.length > 0) output.readings(readings, arrival);
  };
}

/**
 * Passes as many headings as are wanted. The last one of a turn is delivered when the phone rests: no other would follow
 * it, and the one before it is not where the phone points.
 */
function headingPace(
  { clock, timers }: MotionEdges,
  output: SourceOutput,
  signal: AbortSignal,
): (heading: number, time: number) => readonly Reading[] {
  let passedAt = -Infinity;
  let cancel = (): void => undefined;
  signal.addEventListener('abort', () => cancel(), { once: true });
  return (heading, time) => {
    cancel();
    const reading = numbers('heading', [heading], time);
    if (Math.abs(time - passedAt) >= HEADING_STEP) {
      passedAt = time;
      return [reading];
    }
    cancel = timers.after(REST, () => output.readings([reading], clock.now()));
    return [];
  };
}

function listen(
  edges: MotionEdges,
  events: EventTarget,
  rate: Store<number>,
  output: SourceOutput,
  signal: AbortSignal,
): void {
  const watch = watchSilence(edges, 'orientation', output, signal, true);
  const deliver = delivery(edges, rate, output, signal);
  // Chromium tells rotations against north in an event of their own.
  const name = 'ondeviceorientationabsolute' in events ? 'deviceorientationabsolute' : 'deviceorientation';
  events.addEventListener(
    name,
    (event) => {
      const facts = event as unknown as OrientationEventLike;
      const [alpha, beta, gamma] = allFinite([facts.alpha, facts.beta, facts.gamma]) ?? [];
      const turned =
        alpha === undefined || beta === undefined || gamma === undefined
          ? undefined
          : normalised(quaternionOf(alpha, beta, gamma));
      if (!turned) return watch.empty();
      watch.heard();
      deliver(turned, compass(facts, turned), eventTime(event.timeStamp, edges.clock), edges.clock.now());
    },
    { signal },
  );
}

/** WebKit's own compass, or the rotation itself where it counts from north. */
function compass(facts: OrientationEventLike, turned: Quaternion): number | undefined {
  const { webkitCompassHeading: heading, webkitCompassAccuracy: accuracy } = facts;
  if (typeof heading === 'number') {
    const isKnown = Number.isFinite(heading) && !(typeof accuracy === 'number' && accuracy < 0);
    return isKnown ? toCircle(heading) : undefined;
  }
  return facts.absolute === true ? headingOf(turned) : undefined;
}
