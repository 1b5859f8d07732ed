/** One sensor while somebody streams it: who it is, which attributes it has, their last values, and how fresh they are. */
import { isAttributeId } from '../../src/model/attribute.ts';
import {
  type AttributeAnnouncement,
  asSeq,
  attributeOf,
  hasValue,
  sampleFault,
  type SensorMetadata,
  type WireSample,
} from '../../src/protocol/ingest.ts';
import type { SensorSummary } from '../../src/protocol/rest.ts';
import type { SampleSink } from '../store/store.ts';
import type { Series } from '../store/series.ts';
import { inferType } from './attributes.ts';
import { normaliseMotion } from './imu.ts';

export interface LiveAttribute {
  readonly id: string;
  type: string;
  /** By the sender's own word. */
  estimated: boolean;
  readonly series: Series;
  /** The newest sample by measurement; in stock mode the one that arrived last, whatever its timestamp. */
  last: WireSample | undefined;
  /** Unix ms of its arrival. */
  lastAt: number;
}

/** What one frame brought. */
export interface TakenSamples {
  /** At least one, in order of arrival. */
  readonly samples: readonly WireSample[];
  /** Of those, the ones older than something that came before them: they belong to the past and are no last value. */
  readonly late: ReadonlySet<WireSample>;
  /** Size on the wire. */
  readonly bytes: number;
}

export interface LiveSensorOptions {
  readonly sink: SampleSink;
  readonly events: SensorEvents;
  /** Unix ms. */
  readonly now: () => number;
  /** As the stock server: repeats are taken again, and what arrives last is the last value. */
  readonly stock: boolean;
}

/** What a sensor tells its registry. */
export interface SensorEvents {
  /** What was taken of one frame. The array may be the frame's own: read it, keep its elements if need be. */
  samples(sensor: LiveSensor, taken: TakenSamples): void;
  /** Samples that were taken over before and came again. */
  repeats(count: number): void;
  /** Name or attributes changed. */
  changed(): void;
}

/** What became of a single measurement; `ignored` ones get no answer. */
export type Intake = 'taken' | 'ignored' | 'invalid_attribute_id' | 'too_many_attributes';

/** Far beyond any device; bounds what one stream of made-up ids can hold in memory. */
const ATTRIBUTES_MAX = 512;
/** A sensor is fresh for at least this long (ms) after a frame, and for three of its usual intervals. */
const FRESH_MIN = 10_000;
const FRESH_INTERVALS = 3;
const INTERVAL_MAX = 30_000;
const INTERVAL_WEIGHT = 0.2;
/** ms without a newer value after which numbering outweighs time: the client's clock was set back. */
const CLOCK_PATIENCE = 2000;
const NONE: ReadonlySet<WireSample> = new Set();

export class LiveSensor {
  readonly id: string;
  readonly attributes = new Map<string, LiveAttribute>();
  readonly #metadata: SensorMetadata;
  readonly #sink: SampleSink;
  readonly #events: SensorEvents;
  readonly #now: () => number;
  readonly #stock: boolean;
  #connectorName: string;
  /** Unix ms of the last frame with samples; 0 before the first. */
  #lastAt = 0;
  /** ms between frames, smoothed. */
  #interval = 0;

  constructor(metadata: SensorMetadata, { sink, events, now, stock }: LiveSensorOptions) {
    this.id = metadata.sensorId;
    this.#metadata = metadata;
    this.#sink = sink;
    this.#events = events;
    this.#now = now;
    this.#stock = stock;
    this.#connectorName = metadata.connectorName;
    for (const announcement of metadata.attributes) if (!this.#full) this.#announce(announcement);
  }

  /** Takes one measurement: any JSON, of a frame of `bytes`. */
  takeOne(item: unknown, bytes: number): Intake {
    const fault = sampleFault(item);
    if (fault) return fault === 'missing' ? 'ignored' : 'invalid_attribute_id';
    const sample = normaliseMotion(item as WireSample);
    if (!this.attributes.has(sample.attribute_id) && this.#full) return 'too_many_attributes';
    this.#take([sample], bytes);
    return 'taken';
  }

  /** Takes a batch whole, or not at all: returns the number of invalid elements. */
  takeBatch(items: readonly unknown[], bytes: number): number {
    let failed = 0;
    let lastId: unknown;
    for (const item of items) {
      const id = attributeOf(item);
      // Most batches hold one attribute: the comparison spares a look-up for each sample.
      if ((id !== lastId || id === undefined) && !this.#admits(id)) failed += 1;
      else if (hasValue(item)) lastId = id;
      else failed += 1;
    }
    if (failed === 0 && items.length > 0) this.#take(items as readonly WireSample[], bytes);
    return failed;
  }

  /** Announces an attribute, or changes its type. False when there are too many. */
  register(announcement: AttributeAnnouncement): boolean {
    if (!this.attributes.has(announcement.attribute) && this.#full) return false;
    this.#announce(announcement);
    this.#events.changed();
    return true;
  }

  /** Takes an attribute off the list; stored values stay, and the next sample lists it again. */
  unregister(attribute: string): void {
    if (this.attributes.delete(attribute)) this.#events.changed();
  }

  renameConnector(name: string): void {
    this.#connectorName = name;
    this.#events.changed();
  }

  summary(now: number): SensorSummary {
    const { sensorId, sensorName, sensorType, connectorId, demo } = this.#metadata;
    return {
      sensor_id: sensorId,
      sensor_name: sensorName,
      sensor_type: sensorType,
      connector_id: connectorId,
      connector_name: this.#connectorName,
      // What the platform reports for every sensor that streams; `freshness` says more.
      activity_status: 'unknown',
      freshness: this.#isFresh(now) ? 'fresh' : 'stale',
      demo,
      attributes: [...this.attributes.values()].map(attributeSummary),
    };
  }

  #isFresh(now: number): boolean {
    return this.#lastAt > 0 && now - this.#lastAt <= Math.max(FRESH_MIN, FRESH_INTERVALS * this.#interval);
  }

  get #full(): boolean {
    return this.attributes.size >= ATTRIBUTES_MAX;
  }

  #admits(id: unknown): boolean {
    return isAttributeId(id) && (this.attributes.has(id) || !this.#full);
  }

  #take(samples: readonly WireSample[], bytes: number): void {
    const now = this.#now();
    const listed = this.attributes.size;
    // Both stay empty for nearly every frame, and then cost nothing.
    let kept: WireSample[] | undefined;
    let late: Set<WireSample> | undefined;
    let attribute: LiveAttribute | undefined;
    // Counted by hand: pairs of index and sample would be the dearest part of this loop.
    let i = -1;
    for (const sample of samples) {
      i += 1;
      if (attribute?.id !== sample.attribute_id) attribute = this.#attributeFor(sample);
      const seq = this.#stock ? undefined : asSeq(sample['seq']);
      if (seq !== undefined && attribute.series.holds(seq)) {
        kept ??= samples.slice(0, i);
        continue;
      }
      kept?.push(sample);
      if (!this.#stock && isLate(attribute, sample, seq, now)) {
        (late ??= new Set()).add(sample);
      } else {
        attribute.last = sample;
        attribute.lastAt = now;
      }
      attribute.series.push(sample);
    }
    this.#sink.taken(bytes);
    this.#noteArrival(now);
    const taken = kept ?? samples;
    if (kept) this.#events.repeats(samples.length - kept.length);
    if (taken.length > 0) this.#events.samples(this, { samples: taken, late: late ?? NONE, bytes });
    if (this.attributes.size !== listed) this.#events.changed();
  }

  #attributeFor(sample: WireSample): LiveAttribute {
    const id = sample.attribute_id;
    return this.attributes.get(id) ?? this.#list(id, inferType(id, sample.payload));
  }

  #announce({ attribute, attributeType, estimated = false }: AttributeAnnouncement): void {
    const type = attributeType || inferType(attribute, undefined);
    const known = this.attributes.get(attribute) ?? this.#list(attribute, type);
    known.type = type;
    known.estimated = estimated;
  }

  #list(id: string, type: string): LiveAttribute {
    const attribute = {
      id,
      type,
      estimated: false,
      series: this.#sink.series(this.id, id),
      last: undefined,
      lastAt: 0,
    };
    this.attributes.set(id, attribute);
    return attribute;
  }

  /** One long gap must not make a sensor count as fresh for an hour: gaps are cut before they are averaged. */
  #noteArrival(now: number): void {
    if (this.#lastAt > 0) {
      const gap = Math.min(now - this.#lastAt, Math.max(INTERVAL_MAX, FRESH_INTERVALS * this.#interval));
      this.#interval += (gap - this.#interval) * INTERVAL_WEIGHT;
    }
    this.#lastAt = now;
  }
}

/**
 * True for a sample from before the newest of its attribute. Numbers tell; times tell for what has none, and in case a
 * device's own memory is read late. A time ahead of this server's clock counts as its arrival, so that one wrong clock
 * does not hold the last value for ever.
 */
function isLate(attribute: LiveAttribute, sample: WireSample, seq: number | undefined, now: number): boolean {
  if (seq !== undefined && seq < attribute.series.newestSeq) return true;
  const { last, lastAt } = attribute;
  if (typeof last?.timestamp !== 'number' || typeof sample.timestamp !== 'number') return false;
  if (sample.timestamp >= Math.min(last.timestamp, lastAt)) return false;
  return seq === undefined || now - lastAt <= CLOCK_PATIENCE;
}

function attributeSummary({ id, type, estimated, last, lastAt }: LiveAttribute): SensorSummary['attributes'][number] {
  const mark = estimated && { estimated };
  const summary = { id, attribute_type: type, attribute_name: id, last_value: null, ...mark };
  if (!last) return summary;
  // A timestamp may be any JSON; a list needs a number, and the arrival is the next best.
  const timestamp = typeof last.timestamp === 'number' && Number.isFinite(last.timestamp) ? last.timestamp : lastAt;
  return { ...summary, last_value: { payload: last.payload, timestamp } };
}
