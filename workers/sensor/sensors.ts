/**
 * The sensors that are open: those whose device is here, and those that only have something left to send, from an earlier
 * run or because the server was away when they were stopped.
 */
import type { Connection } from '../../src/channel/connection.ts';
import type { Clock } from '../../src/lib/timers.ts';
import type { DeviceCommand } from '../../src/model/command.ts';
import type { WaitingSensor } from '../../src/model/proof.ts';
import type { SensorDescriptor, SensorId } from '../../src/model/sensor.ts';
import type { Outbox } from '../../src/outbox/ports.ts';
import type { Connector } from '../../src/protocol/sensor.ts';
import type { ServerClock } from '../../src/stream/server-clock.ts';
import { watchSleep } from '../../src/stream/sleep-watch.ts';
import type { LiveFeed } from './live-feed.ts';
import type { PipelineDeps, SensorPipeline } from './pipeline.ts';

/** How long a sensor without a device stays when nothing is left to send, ms: the server may still be asked for a receipt. */
const LINGER = 2000;

/** Makes a pipeline; decoding and delivery are fetched with the first sensor, not with the page. */
export type MakePipeline = (deps: PipelineDeps) => SensorPipeline;

export interface SensorsDeps {
  readonly loadPipeline: () => Promise<MakePipeline>;
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** Unix ms, also after a sleep. */
  readonly wall: () => number;
  readonly live: LiveFeed;
  readonly connector: () => Connector;
  readonly bearer: () => Promise<string>;
  readonly serverClock: ServerClock;
  readonly onCommand: (sensorId: SensorId, command: DeviceCommand) => void;
  readonly onChange: () => void;
}

interface OpenSensor {
  readonly pipeline: SensorPipeline;
  /** Its device is here; otherwise it goes as soon as nothing is left to send. */
  attended: boolean;
}

export class Sensors {
  readonly #deps: SensorsDeps;
  readonly #open = new Map<SensorId, OpenSensor>();
  /** Sensors that wait for their last confirmation. */
  readonly #closing = new Map<SensorId, Promise<void>>();
  #stopWatching: (() => void) | undefined;
  #hidden = false;

  constructor(deps: SensorsDeps) {
    this.#deps = deps;
  }

  /** All, whether their device is here or not. */
  all(): readonly SensorPipeline[] {
    return [...this.#open.values()].map(({ pipeline }) => pipeline);
  }

  get(sensorId: SensorId): SensorPipeline | undefined {
    return this.#open.get(sensorId)?.pipeline;
  }

  /** Those with unsent samples whose device is not here. */
  waiting(): readonly WaitingSensor[] {
    return [...this.#open.values()].flatMap(({ pipeline, attended }) => {
      const { sensorId, name } = pipeline.descriptor;
      const { kept } = this.#deps.outbox.depth(sensorId);
      return attended || kept === 0 ? [] : [{ sensorId, name, kept }];
    });
  }

  /** A device is here. */
  async open(sensor: SensorDescriptor): Promise<void> {
    const make = await this.#deps.loadPipeline();
    // The same topic twice at once would end both: the new one waits until the old one has left.
    await this.#closing.get(sensor.sensorId);
    const known = this.#open.get(sensor.sensorId);
    if (known?.attended) return;
    // Only a new join tells the server a new name.
    if (known && isSame(known.pipeline.descriptor, sensor)) known.attended = true;
    else {
      if (known) this.#leave(sensor.sensorId, known);
      this.#add(make, sensor, true);
    }
    this.#deps.onChange();
  }

  /** The device is gone. Resolves when the sensor has left, or will as soon as the server has the rest. */
  async close(sensorId: SensorId): Promise<void> {
    const sensor = this.#open.get(sensorId);
    if (!sensor) return;
    const closing = this.#closing.get(sensorId) ?? this.#close(sensorId, sensor);
    this.#closing.set(sensorId, closing);
    await closing;
  }

  /** Opens sensors for whatever the log still has to send. */
  async drainLeftovers(): Promise<void> {
    if (this.#deps.outbox.sensorsWithData().length === 0) return;
    const make = await this.#deps.loadPipeline();
    for (const { sensorId, descriptor } of this.#deps.outbox.sensorsWithData()) {
      // Without a description the samples count more than what they are called.
      const unknown = { sensorId, name: sensorId, sensorType: 'unknown', demo: false };
      if (!this.#open.has(sensorId)) this.#add(make, descriptor ?? unknown, false);
    }
    this.#deps.onChange();
  }

  /** The page was hidden or shown: a sleep while it is hidden is the browser's doing. */
  hidden(hidden: boolean): void {
    this.#hidden = hidden;
    if (hidden) this.flush();
  }

  /** Joins anew, so that everything unconfirmed is read from the start. */
  rewind(): void {
    for (const { pipeline } of this.#open.values()) pipeline.rewind();
  }

  flush(): void {
    for (const { pipeline } of this.#open.values()) pipeline.flush();
  }

  stop(): void {
    this.#stopWatching?.();
  }

  #add(make: MakePipeline, sensor: SensorDescriptor, attended: boolean): void {
    const { outbox, wall, loadPipeline: _load, ...deps } = this.#deps;
    const { sensorId } = sensor;
    const registrations = outbox.sensorsWithData().find((one) => one.sensorId === sensorId)?.registrations ?? [];
    const pipeline = make({
      ...deps,
      sensor,
      outbox,
      registrations,
      onSettled: () => this.#settled(sensorId),
    });
    this.#open.set(sensorId, { pipeline, attended });
    // Nobody waits for this: old gaps are only shown.
    void outbox.gaps(sensorId).then((gaps) => pipeline.rememberGaps(gaps));
    this.#stopWatching ??= watchSleep({ timers: deps.clock, wall, onJump: () => this.#slept() });
  }

  async #close(sensorId: SensorId, sensor: OpenSensor): Promise<void> {
    const settled = await sensor.pipeline.settle();
    this.#closing.delete(sensorId);
    if (settled) this.#leave(sensorId, sensor);
    else sensor.attended = false;
    this.#deps.onChange();
  }

  #settled(sensorId: SensorId): void {
    const sensor = this.#open.get(sensorId);
    if (!sensor || sensor.attended) return;
    this.#deps.clock.after(LINGER, () => {
      const unsent = this.#deps.outbox.depth(sensorId).kept > 0;
      if (this.#open.get(sensorId) === sensor && !sensor.attended && !unsent) this.#leave(sensorId, sensor);
    });
  }

  #leave(sensorId: SensorId, { pipeline }: OpenSensor): void {
    pipeline.leave();
    this.#open.delete(sensorId);
    if (this.#open.size === 0) {
      this.#stopWatching?.();
      this.#stopWatching = undefined;
    }
    this.#deps.onChange();
  }

  #slept(): void {
    for (const { pipeline } of this.#open.values()) pipeline.slept(this.#hidden ? 'tab-hidden' : 'phone-asleep');
  }
}

function isSame(a: SensorDescriptor, b: SensorDescriptor): boolean {
  return (
    a.name === b.name &&
    a.sensorType === b.sensorType &&
    a.demo === b.demo &&
    JSON.stringify(a.mappings ?? []) === JSON.stringify(b.mappings ?? [])
  );
}
