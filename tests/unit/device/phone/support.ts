/** Fakes for the browser objects that this phone's sources are read from, and an output that remembers. */
import type { SensorLike } from '../../../../src/device/phone/generic-sensor.ts';
import type { MotionEdges } from '../../../../src/device/phone/motion-permission.ts';
import type { SourceOutput } from '../../../../src/device/source.ts';
import type { AppError } from '../../../../src/model/errors.ts';
import type { Reading } from '../../../../src/model/reading.ts';
import { manualTime, type ManualTime } from '../support/time.ts';

export interface Heard extends SourceOutput {
  readonly all: Reading[];
  readonly arrivals: number[];
  readonly troubles: (AppError | undefined)[];
  of(attribute: string): Reading[];
  /** Numbers of the readings of an attribute, one row each. */
  rows(attribute: string): number[][];
  /** Structured payloads of an attribute. */
  payloads(attribute: string): unknown[];
  /** Host times of an attribute's readings. */
  times(attribute: string): number[];
}

export function hearing(): Heard {
  const heard: Heard = {
    all: [],
    arrivals: [],
    troubles: [],
    readings(readings, arrival) {
      heard.all.push(...readings);
      heard.arrivals.push(arrival);
    },
    trouble: (error) => void heard.troubles.push(error),
    of: (attribute) => heard.all.filter((one) => one.attribute === attribute),
    rows: (attribute) => heard.of(attribute).flatMap((one) => (one.kind === 'numeric' ? [[...one.values]] : [])),
    payloads: (attribute) => heard.of(attribute).flatMap((one) => (one.kind === 'structured' ? one.payloads : [])),
    times: (attribute) =>
      heard.of(attribute).flatMap((one) => (one.timing.kind === 'host' ? [...one.timing.times] : [])),
  };
  return heard;
}

/** Counts the listeners of a target that are still there. */
export class CountingTarget extends EventTarget {
  listeners = 0;

  override addEventListener(...[type, listener, options]: Parameters<EventTarget['addEventListener']>): void {
    this.listeners += 1;
    const signal = typeof options === 'object' ? options.signal : undefined;
    signal?.addEventListener('abort', () => (this.listeners -= 1), { once: true });
    super.addEventListener(type, listener, options);
  }

  /** An event with these facts, `age` ms after it happened on the page's clock. */
  fire(type: string, facts: object = {}, timeStamp?: number): void {
    const event = new Event(type);
    for (const [name, value] of Object.entries(facts)) Object.defineProperty(event, name, { value });
    if (timeStamp !== undefined) Object.defineProperty(event, 'timeStamp', { value: timeStamp });
    this.dispatchEvent(event);
  }
}

/** A class of fake sensors, and those that were made of it. */
export interface FakeClass<S extends FakeSensor> {
  readonly Class: new (options: { frequency?: number }) => S;
  readonly made: S[];
  /** Those that run now. */
  running(): S[];
}

export class FakeSensor extends CountingTarget implements SensorLike {
  timestamp: number | null = null;
  x: number | null = null;
  y: number | null = null;
  z: number | null = null;
  quaternion: readonly number[] | null = null;
  illuminance: number | null = null;
  distance: number | null = null;
  isRunning = false;
  readonly frequency: number | undefined;

  constructor(options: { frequency?: number }) {
    super();
    this.frequency = options.frequency;
  }

  start(): void {
    this.isRunning = true;
  }

  stop(): void {
    this.isRunning = false;
  }

  /** One reading. */
  read(facts: Partial<FakeSensor>, timestamp: number): void {
    Object.assign(this, facts, { timestamp });
    this.fire('reading');
  }

  fail(name: string): void {
    this.fire('error', { error: new DOMException('fake', name) });
  }
}

/** @param refuse name of the exception that making one throws */
export function fakeClass(refuse?: string): FakeClass<FakeSensor> {
  const made: FakeSensor[] = [];
  class Fake extends FakeSensor {
    constructor(options: { frequency?: number }) {
      if (refuse !== undefined) throw new DOMException('fake', refuse);
      super(options);
      made.push(this);
    }
  }
  return { Class: Fake, made, running: () => made.filter(({ isRunning }) => isRunning) };
}

export interface MotionRig {
  readonly time: ManualTime;
  readonly events: CountingTarget;
  readonly page: { isVisible: boolean };
  /** ms on the page's clock. */
  monotonic(): number;
  edges(change?: Partial<MotionEdges>): MotionEdges;
}

/** A page that began 5 s before now. */
export function motionRig(): MotionRig {
  const time = manualTime();
  const began = time.now() - 5000;
  const events = new CountingTarget();
  const page = { isVisible: true };
  const monotonic = (): number => time.now() - began;
  return {
    time,
    events,
    page,
    monotonic,
    edges: (change = {}) => ({
      classes: {},
      events,
      ask: undefined,
      permission: () => Promise.resolve(undefined),
      secure: true,
      clock: { now: time.now, monotonic },
      timers: time.timers,
      visible: () => page.isVisible,
      ...change,
    }),
  };
}
