/** Watching others: the viewer channel, the list of sensors, their values into the live feed. */
import { openViewerChannel, type ViewerChannel } from '../../src/channel/viewer-channel.ts';
import type { Connection } from '../../src/channel/connection.ts';
import type { RestClient } from '../../src/channel/rest-client.ts';
import { attributeType } from '../../src/model/attribute-types.ts';
import type { Json } from '../../src/model/block.ts';
import { numbersOf, skeletonShape, streamKey } from '../../src/model/payloads.ts';
import { parseSensorsChanged, type Quality, type ViewerBatch } from '../../src/protocol/viewer.ts';
import type { WatchedSensor, WorkerStatus } from './api.ts';
import type { LiveFeed } from './live-feed.ts';

export interface WatcherDeps {
  readonly connection: Connection;
  readonly rest: RestClient;
  readonly bearer: () => Promise<string>;
  readonly live: LiveFeed;
  readonly onChange: () => void;
}

export class Watcher {
  readonly #deps: WatcherDeps;
  #channel: ViewerChannel | undefined;
  /** What is on the screen; may be said before watching begins. Undefined: everything. */
  #visible: readonly string[] | undefined;
  #focused: readonly string[] = [];
  #state: WorkerStatus['watch'] = { at: 'off' };
  #sensors: readonly WatchedSensor[] = [];
  /** Types and newest payloads by sensor and attribute. */
  #types: ReadonlyMap<string, string> = new Map();
  readonly #latest = new Map<string, Json>();
  #unreadable = 0;

  constructor(deps: WatcherDeps) {
    this.#deps = deps;
  }

  get state(): WorkerStatus['watch'] {
    return this.#state;
  }

  get sensors(): readonly WatchedSensor[] {
    return this.#sensors;
  }

  /** Entries of others' batches that could not be read. */
  get unreadable(): number {
    return this.#unreadable;
  }

  watch(on: boolean, quality: Quality): void {
    if (!on) {
      this.#channel?.close();
      this.#channel = undefined;
      this.#visible = undefined;
      this.#focused = [];
      this.#sensors = [];
      this.#become({ at: 'off' });
      return;
    }
    if (this.#channel) return;
    this.#become({ at: 'joining' });
    this.#channel = openViewerChannel({
      connection: this.#deps.connection,
      rest: this.#deps.rest,
      bearer: this.#deps.bearer,
      quality,
      events: {
        state: (state) => {
          if (state.at === 'refused') this.#become({ at: 'unavailable', error: state.error });
          else this.#become({ at: state.at === 'joined' ? 'live' : 'joining' });
        },
        batch: (batch) => this.#take(batch),
        sensors: (payload) => this.#list(payload),
      },
    });
    if (this.#visible) this.#channel.setVisible(this.#visible);
    if (this.#focused.length > 0) this.#channel.setFocus(this.#focused);
  }

  setVisible(sensorIds: readonly string[]): void {
    // The server answers each time with what it has, as if it were new.
    if (this.#visible?.join() === sensorIds.join()) return;
    this.#visible = sensorIds;
    this.#channel?.setVisible(sensorIds);
  }

  setFocus(sensorIds: readonly string[]): void {
    this.#focused = sensorIds;
    this.#channel?.setFocus(sensorIds);
  }

  #take(batch: ViewerBatch): void {
    this.#unreadable += batch.unreadable;
    for (const sample of batch.samples) {
      const { sensorId, attribute, payload, timestamp } = sample;
      const type = this.#types.get(streamKey(sensorId, attribute)) ?? attribute;
      if (attributeType(type).shape === 'skeleton') {
        this.#showSkeleton(sample);
        continue;
      }
      for (const [field, value] of Object.entries(numbersOf(type, payload))) {
        this.#deps.live.add('watched', sensorId, streamKey(attribute, field), [timestamp], [value]);
      }
      if (typeof payload !== 'number') this.#remember(sample);
    }
  }

  /** Skeletons are too large to be told as what is latest, and are drawn. */
  #showSkeleton({ sensorId, attribute, payload, timestamp }: ViewerBatch['samples'][number]): void {
    const shape = skeletonShape(payload);
    if (shape) this.#deps.live.skeleton('watched', sensorId, attribute, timestamp, shape);
    else this.#unreadable += 1;
  }

  /** What is more than a number is shown in words. */
  #remember({ sensorId, attribute, payload }: ViewerBatch['samples'][number]): void {
    const key = streamKey(sensorId, attribute);
    if (JSON.stringify(this.#latest.get(key)) === JSON.stringify(payload)) return;
    this.#latest.set(key, payload);
    this.#sensors = this.#sensors.map((sensor) =>
      sensor.sensorId === sensorId
        ? {
            ...sensor,
            attributes: sensor.attributes.map((one) =>
              one.attribute === attribute ? { ...one, latest: payload } : one,
            ),
          }
        : sensor,
    );
    this.#deps.onChange();
  }

  #list(payload: unknown): void {
    const parsed = parseSensorsChanged(payload);
    if (!parsed.ok) {
      this.#unreadable += 1;
      return;
    }
    this.#sensors = parsed.value.map((sensor) => ({
      sensorId: sensor.sensor_id,
      name: sensor.sensor_name,
      connectorName: sensor.connector_name,
      sensorType: sensor.sensor_type,
      demo: sensor.demo,
      attributes: sensor.attributes.map(({ id, attribute_type, estimated }) => {
        const latest = this.#latest.get(streamKey(sensor.sensor_id, id));
        const mark = estimated === true && { estimated };
        return { attribute: id, attributeType: attribute_type, ...mark, ...(latest !== undefined && { latest }) };
      }),
    }));
    this.#types = new Map(
      this.#sensors.flatMap(({ sensorId, attributes }) =>
        attributes.map(({ attribute, attributeType: type }) => [streamKey(sensorId, attribute), type] as const),
      ),
    );
    this.#deps.onChange();
  }

  #become(state: WorkerStatus['watch']): void {
    this.#state = state;
    this.#deps.onChange();
  }
}
