/**
 * The pose worker without its edges: orders in, answers out. One picture at a time; each is closed and answered by exactly
 * one `done`, whatever becomes of it. Everything that waits (loading, new landmarkers) is done one after the other.
 */
import type { Clock } from '../../src/lib/timers.ts';
import { appError, describeThrown, unreachable, type AppError, type ErrorCode } from '../../src/model/errors.ts';
import type { PoseOptions } from '../../src/model/pose.ts';
import type { PortReadings } from '../../src/model/reading-port.ts';
import { ActivityMeter } from '../../src/signal/activity.ts';
import { jointAngles } from '../../src/signal/joint-angles.ts';
import type { PoseAnswer, PoseOrder } from './api.ts';
import { conditionOf } from './condition.ts';
import { PoseEngine } from './engine.ts';
import { eyeReadings, eyeRegistrations, eyesOf } from './eyes.ts';
import { Overlay } from './overlay.ts';
import { Persons, type Person } from './persons.ts';
import type { Blendshapes, Body, Brightness, OpenRuntime, Picture } from './ports.ts';
import { PoseReports } from './report.ts';
import { confidenceOf, isWhole, skeletonReadings, skeletonRegistrations } from './skeletons.ts';

/** ms between two looks at the light. */
const LIGHT = 500;

export interface PoseEdges {
  readonly clock: Clock;
  readonly openRuntime: OpenRuntime;
  readonly brightness: Brightness;
  readonly post: (answer: PoseAnswer) => void;
}

type Order<T extends PoseOrder['type']> = Extract<PoseOrder, { type: T }>;

/** From `start` to `stop`. */
interface Session {
  readonly engine: PoseEngine;
  readonly output: MessagePort;
  readonly reports: PoseReports;
}

/** What is known of a picture beside what is seen in it. */
interface PictureFacts {
  /** When it was taken, Unix ms. */
  readonly time: number;
  /** Width by height. */
  readonly aspect: number;
  /** Pictures a second that are wanted. */
  readonly rate: number;
  readonly options: PoseOptions;
}

export class PoseLoop {
  readonly #edges: PoseEdges;
  readonly #persons = new Persons();
  readonly #activity = new ActivityMeter();
  #work: Promise<void> = Promise.resolve();
  #session: Session | undefined;
  #options: PoseOptions | undefined;
  #overlay: Overlay | undefined;
  #busy = false;
  /** Number of the person whose activity is measured. */
  #first: number | undefined;
  #light: { readonly at: number; readonly brightness: number | undefined } = { at: -Infinity, brightness: undefined };
  /** Problems that the sensor worker has not been told yet. */
  #untold: Partial<Record<ErrorCode, number>> = {};

  constructor(edges: PoseEdges) {
    this.#edges = edges;
  }

  /** Takes one message of the window. */
  handle(order: PoseOrder): void {
    switch (order.type) {
      case 'start':
        this.#options = order.options;
        return this.#later(() => this.#start(order));
      case 'options':
        this.#options = order.options;
        return this.#later(async () => this.#session?.engine.setOptions(order.options, order.faceModel));
      case 'frame':
        return this.#take(order);
      case 'overlay':
        this.#overlay = order.canvas && new Overlay(order.canvas);
        return;
      case 'overlay-size':
        return this.#overlay?.resize(order.width, order.height);
      case 'stop':
        return this.#later(() => {
          this.#end();
          this.#edges.post({ type: 'stopped' });
        });
      default:
        return unreachable(order);
    }
  }

  /** After everything before it. */
  #later(task: () => Promise<void> | void): void {
    this.#work = this.#work.then(task).catch((thrown: unknown) => {
      this.#edges.post({ type: 'failed', error: appError('unexpected', describeThrown(thrown)) });
    });
  }

  async #start(order: Order<'start'>): Promise<void> {
    const { clock, openRuntime, post } = this.#edges;
    this.#end();
    const began = clock.now();
    const engine = await PoseEngine.start(openRuntime, order, (error) => post({ type: 'face-failed', error }));
    if (!engine.ok) {
      order.output.close();
      return post({ type: 'failed', error: engine.error });
    }
    const { delegate } = engine.value;
    const reports = new PoseReports(clock, delegate, (report) => post({ type: 'report', report }));
    this.#session = { engine: engine.value, output: order.output, reports };
    post({ type: 'ready', delegate, took: clock.now() - began });
  }

  #end(): void {
    this.#session?.engine.close();
    this.#session?.output.close();
    this.#session?.reports.close();
    this.#session = undefined;
    this.#overlay?.clear();
  }

  /** A picture that comes before `ready`, after the end or while another is looked at is given back at once. */
  #take(order: Order<'frame'>): void {
    if (!this.#session || this.#busy) return this.#give(order);
    this.#busy = true;
    this.#later(async () => {
      try {
        // It may have been stopped since.
        if (this.#session) await this.#look(this.#session, order);
      } catch {
        this.#problem('pose-frame');
      } finally {
        this.#busy = false;
        this.#give(order);
      }
    });
  }

  #give({ frame }: Order<'frame'>): void {
    frame.close();
    this.#edges.post({ type: 'done' });
  }

  async #look(session: Session, { frame, time, wantedFps }: Order<'frame'>): Promise<void> {
    const began = this.#edges.clock.now();
    const { width, height } = sizeOf(frame);
    // A closed picture has no size. It would break the landmarker.
    if (!(width > 0) || !(height > 0) || !Number.isFinite(time)) return this.#problem('pose-frame');
    const sight = await session.engine.look(frame, time);
    if (!sight.face.ok) this.#problem(sight.face.error.code);
    if (!sight.bodies.ok) {
      this.#problem(sight.bodies.error.code);
      if (session.engine.broken) this.#giveUp(sight.bodies.error);
      return;
    }
    const options = this.#options;
    if (!options) return;
    const persons = this.#persons.assign(this.#sure(sight.bodies.value, options), options.persons, time);
    const aspect = width / height;
    this.#send(session, persons, sight.face.ok ? sight.face.value : undefined, {
      time,
      aspect,
      rate: rateOf(wantedFps),
      options,
    });
    this.#overlay?.show({ persons, width, height, mirror: options.mirror });
    this.#measure(persons[0], time, aspect);
    const first = persons[0]?.body;
    session.reports.add(
      {
        persons: persons.length,
        condition: conditionOf(first, this.#brightness(frame)),
        angles: first ? jointAngles(first.landmarks, first.world, aspect) : {},
        activity: this.#activity.activity,
      },
      this.#edges.clock.now() - began,
    );
  }

  /** Whole bodies that are seen well enough. */
  #sure(bodies: readonly Body[], { confidence }: PoseOptions): readonly Body[] {
    const whole = bodies.filter(isWhole);
    if (whole.length < bodies.length) this.#problem('pose-inference');
    return whole.filter((body) => confidenceOf(body) >= confidence);
  }

  #send(
    { output }: Session,
    persons: readonly Person[],
    face: Blendshapes | undefined,
    { time, aspect, rate, options }: PictureFacts,
  ): void {
    const eyes = face && eyesOf(face);
    const readings = [
      ...skeletonReadings(persons, { time, aspect }, options.world),
      ...(eyes ? eyeReadings(eyes, time) : []),
    ];
    if (readings.length === 0) return;
    const message: PortReadings = {
      readings,
      attributes: [
        ...skeletonRegistrations(persons, rate, options.record === true),
        ...(eyes ? eyeRegistrations(rate) : []),
      ],
      arrival: this.#edges.clock.now(),
      ...(Object.keys(this.#untold).length > 0 && { notes: { lost: {}, problems: this.#untold, device: {} } }),
    };
    this.#untold = {};
    output.postMessage(message);
  }

  /** Activity is that of one person: another first person starts it anew. */
  #measure(person: Person | undefined, time: number, aspect: number): void {
    if (person?.number !== this.#first) this.#activity.reset();
    this.#first = person?.number;
    if (person) this.#activity.add(time, person.body.landmarks, aspect);
  }

  #brightness(picture: Picture): number | undefined {
    const now = this.#edges.clock.now();
    if (now - this.#light.at >= LIGHT) this.#light = { at: now, brightness: this.#edges.brightness(picture) };
    return this.#light.brightness;
  }

  #problem(code: ErrorCode): void {
    this.#untold[code] = (this.#untold[code] ?? 0) + 1;
    this.#session?.reports.problem(code);
  }

  #giveUp(error: AppError): void {
    this.#end();
    this.#edges.post({ type: 'failed', error });
  }
}

/** Pixels as they are shown. */
function sizeOf(picture: Picture): { readonly width: number; readonly height: number } {
  return 'displayWidth' in picture
    ? { width: picture.displayWidth, height: picture.displayHeight }
    : { width: picture.width, height: picture.height };
}

/** A nominal rate that can be announced. */
function rateOf(wanted: number): number {
  return Number.isFinite(wanted) && wanted > 0 ? wanted : 0;
}
