/**
 * Which sensors stream now. A sensor lives from the first connection that joins it to the last that leaves; each
 * connection holds a session of its own, so that a late clean-up of an old connection cannot take a sensor from a new one.
 */
import type { SensorMetadata } from '../../src/protocol/ingest.ts';
import type { SensorSummary } from '../../src/protocol/rest.ts';
import type { CommandRoute, SensorDirectory } from '../ports.ts';
import type { SampleSink } from '../store/store.ts';
import { LiveSensor, type SensorEvents, type TakenSamples } from './live-sensor.ts';

/** One connection's hold on a sensor. */
export interface SensorSession {
  readonly sensor: LiveSensor;
  /** Hands a command of a viewer to this connection; absent until it listens. */
  onCommand?: (payload: object) => void;
}

export interface RegistryListener {
  /** What was taken of one frame; read its array at once, the elements may be kept. */
  samples?(sensor: LiveSensor, taken: TakenSamples): void;
  /** A sensor came, went, or changed its name or attributes. */
  changed?(): void;
  removed?(sensorId: string): void;
}

export interface RegistryOptions {
  readonly store: SampleSink;
  /** Unix ms. */
  readonly now?: () => number;
  /** As the stock server: repeats are taken again, and what arrives last is the last value. */
  readonly stock?: boolean;
}

export class SensorRegistry implements SensorDirectory, CommandRoute {
  readonly #store: SampleSink;
  readonly #now: () => number;
  readonly #stock: boolean;
  readonly #sensors = new Map<string, { readonly sensor: LiveSensor; readonly sessions: Set<SensorSession> }>();
  readonly #listeners = new Set<RegistryListener>();
  #taken = 0;
  #repeats = 0;

  constructor(options: RegistryOptions) {
    this.#store = options.store;
    this.#now = options.now ?? Date.now;
    this.#stock = options.stock ?? false;
  }

  /** Samples taken over since the start. */
  get taken(): number {
    return this.#taken;
  }

  /** Samples that had been taken over before and were dropped. */
  get repeats(): number {
    return this.#repeats;
  }

  get size(): number {
    return this.#sensors.size;
  }

  /** A connection streams this sensor from now on. What the first one said about the sensor stays. */
  attach(metadata: SensorMetadata): SensorSession {
    let entry = this.#sensors.get(metadata.sensorId);
    if (!entry) {
      entry = { sensor: this.#create(metadata), sessions: new Set() };
      this.#sensors.set(metadata.sensorId, entry);
      this.#changed();
    }
    const session: SensorSession = { sensor: entry.sensor };
    entry.sessions.add(session);
    return session;
  }

  /** The connection is done with the sensor; with the last one the sensor goes. */
  detach(session: SensorSession): void {
    const { id } = session.sensor;
    const entry = this.#sensors.get(id);
    if (!entry?.sessions.delete(session) || entry.sessions.size > 0) return;
    this.#sensors.delete(id);
    for (const listener of this.#listeners) listener.removed?.(id);
    this.#changed();
  }

  /** Calls `listener` until the returned function is called. */
  listen(listener: RegistryListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  *sensors(): Iterable<LiveSensor> {
    for (const { sensor } of this.#sensors.values()) yield sensor;
  }

  list(now: number): SensorSummary[] {
    return Array.from(this.sensors(), (sensor) => sensor.summary(now));
  }

  find(sensorId: string, now: number): SensorSummary | undefined {
    return this.#sensors.get(sensorId)?.sensor.summary(now);
  }

  command(sensorId: string, payload: object): number {
    let delivered = 0;
    // A copy, since a slow connection is cut off (and leaves) while it is sent to.
    for (const { onCommand } of [...(this.#sensors.get(sensorId)?.sessions ?? [])]) {
      if (!onCommand) continue;
      onCommand(payload);
      delivered += 1;
    }
    return delivered;
  }

  #create(metadata: SensorMetadata): LiveSensor {
    const events: SensorEvents = {
      samples: (sensor, taken) => {
        this.#taken += taken.samples.length;
        for (const listener of this.#listeners) listener.samples?.(sensor, taken);
      },
      repeats: (count) => (this.#repeats += count),
      changed: () => this.#changed(),
    };
    return new LiveSensor(metadata, { sink: this.#store, events, now: this.#now, stock: this.#stock });
  }

  #changed(): void {
    for (const listener of this.#listeners) listener.changed?.();
  }
}
