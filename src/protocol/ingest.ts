/**
 * The receiving side of a sensor's channel: what a join, a measurement and the `update_*` events look like when they
 * arrive. Source: the platform's wire protocol and what its server was seen to answer.
 */
import { type AttributeId, isAttributeId } from '../model/attribute.ts';
import { blockLength, payloadAt } from '../model/block.ts';
import type { BlockRecord } from './block-codec.ts';
import { decodeBlocks } from './block-sequence.ts';
import { BLOCKS_SAMPLES_MAX, isConnectorName, SENSOR_JOIN_KEYS, wireValue } from './sensor.ts';

/** One sample as it came off the wire. Extra keys (`seq`, `event` …) are kept; payload and timestamp are any JSON. */
export interface WireSample {
  readonly attribute_id: AttributeId;
  readonly payload: unknown;
  readonly timestamp: unknown;
  readonly [extra: string]: unknown;
}

/** Keys of a sample that are not extras. */
export const SAMPLE_KEYS: ReadonlySet<string> = new Set(['attribute_id', 'payload', 'timestamp']);

/** Why a sample is not taken: `missing` keys are ignored in silence by the server, a bad id is answered. */
export type SampleFault = 'missing' | 'invalid-id';

/** What is wrong with `item`, or undefined when it is a `WireSample`. JSON has no `undefined`, so that means "absent". */
export function sampleFault(item: unknown): SampleFault | undefined {
  if (typeof item !== 'object' || item === null) return 'missing';
  const { attribute_id: id, payload, timestamp } = item as Partial<WireSample>;
  if (id === undefined || payload === undefined || timestamp === undefined) return 'missing';
  return isAttributeId(id) ? undefined : 'invalid-id';
}

/** The unchecked attribute id of a batch element; undefined when it has none or is not an object. */
export function attributeOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null ? (item as Partial<WireSample>).attribute_id : undefined;
}

/** True when payload and timestamp are there. */
export function hasValue(item: unknown): item is WireSample {
  const { payload, timestamp } = item as Partial<WireSample>;
  return payload !== undefined && timestamp !== undefined;
}

/** The `seq` a client gave to a sample: a whole number from 0. Undefined when there is none, or an odd one. */
export function asSeq(seq: unknown): number | undefined {
  return typeof seq === 'number' && seq >= 0 && Number.isSafeInteger(seq) ? seq : undefined;
}

/** A sample with a new payload and nothing but the three keys, as the server rewrites CSV motion data. */
export function bareSample(sample: WireSample, payload: unknown): WireSample {
  return { attribute_id: sample.attribute_id, payload, timestamp: sample.timestamp };
}

/** What a `blocks` push held: all its samples, or how many of its records cannot be taken. */
export interface BlocksPush {
  readonly samples: readonly WireSample[];
  readonly failed: number;
}

/**
 * Reads the records of a `blocks` push as samples with `seq`, the same ones their owner would have sent as JSON: timestamps
 * in whole ms, `null` for what is no finite number. Records beyond `BLOCKS_SAMPLES_MAX` samples, damaged ones and those of
 * a later version are failed.
 */
export function parseBlocks(bytes: Uint8Array): BlocksPush {
  const { records, corrupt, newer, read } = decodeBlocks(bytes, BLOCKS_SAMPLES_MAX);
  let count = 0;
  let failed = corrupt + newer + (read < bytes.length ? 1 : 0);
  for (const { block } of records) {
    count += blockLength(block);
    if (count > BLOCKS_SAMPLES_MAX || !block.times.every(Number.isFinite)) failed += 1;
  }
  return { samples: failed > 0 ? [] : records.flatMap(samplesOf), failed };
}

function samplesOf({ block, firstSeq }: BlockRecord): WireSample[] {
  const { attribute: attribute_id } = block;
  return Array.from(block.times, (time, i) => {
    const value = wireValue(attribute_id, payloadAt(block, i));
    return { attribute_id, ...value, timestamp: Math.round(time), seq: firstSeq + i };
  });
}

/** What a sensor said about itself when it joined, made safe: text is text, attributes are an object. */
export interface SensorMetadata {
  readonly sensorId: string;
  readonly sensorName: string;
  readonly sensorType: string;
  readonly connectorId: string;
  readonly connectorName: string;
  readonly demo: boolean;
  readonly attributes: readonly AttributeAnnouncement[];
}

export interface AttributeAnnouncement {
  readonly attribute: AttributeId;
  /** Empty when the announcement names no type; the receiver infers one. */
  readonly attributeType: string;
  /** Computed by the sender rather than measured; ours. Absent: not. */
  readonly estimated?: boolean;
}

export interface SensorJoin {
  readonly metadata: SensorMetadata;
  readonly bearerToken: unknown;
}

/**
 * Reads the join of `sensocto:sensor:{sensorId}`. All nine keys must be there and `sensor_id` must be the topic's;
 * values are not checked. An `attributes` array (which would take down the real server's sensors) counts as `{}`.
 */
export function parseSensorJoin(sensorId: string, params: unknown): SensorJoin | undefined {
  if (!isRecord(params)) return undefined;
  for (const key of SENSOR_JOIN_KEYS) if (!Object.hasOwn(params, key)) return undefined;
  if (params['sensor_id'] !== sensorId) return undefined;
  return {
    bearerToken: params['bearer_token'],
    metadata: {
      sensorId,
      sensorName: text(params['sensor_name']),
      sensorType: text(params['sensor_type']),
      connectorId: text(params['connector_id']),
      connectorName: text(params['connector_name']),
      demo: params['demo'] === true,
      attributes: announcements(params['attributes']),
    },
  };
}

const CONNECTOR_JOIN_KEYS = ['connector_id', 'connector_name', 'connector_type', 'features', 'bearer_token'] as const;

/** True if these params join `sensocto:connector:{connectorId}`: five keys, the id that of the topic. */
export function isConnectorJoin(connectorId: string, params: unknown): boolean {
  if (!isRecord(params)) return false;
  return params['connector_id'] === connectorId && CONNECTOR_JOIN_KEYS.every((key) => Object.hasOwn(params, key));
}

export type AttributeUpdate =
  | { readonly action: 'register'; readonly announcement: AttributeAnnouncement }
  | { readonly action: 'unregister'; readonly attribute: AttributeId }
  | { readonly action: 'refuse'; readonly reason: 'invalid_action' | 'invalid_attribute_id' }
  /** A key is missing: no answer at all. */
  | { readonly action: 'ignore' };

/** Reads `update_attributes`. Metadata that is not an object counts as `{}` (the real server's channel dies of it). */
export function parseAttributeUpdate(payload: unknown): AttributeUpdate {
  if (!isRecord(payload)) return { action: 'ignore' };
  const { action, attribute_id: attribute, metadata } = payload;
  if (action === undefined || attribute === undefined || metadata === undefined) return { action: 'ignore' };
  if (action !== 'register' && action !== 'unregister') return { action: 'refuse', reason: 'invalid_action' };
  if (!isAttributeId(attribute)) return { action: 'refuse', reason: 'invalid_attribute_id' };
  if (action === 'unregister') return { action, attribute };
  return { action, announcement: announcementOf(attribute, metadata) };
}

export type ConnectorUpdate =
  | { readonly action: 'rename'; readonly name: string }
  | { readonly action: 'refuse'; readonly reason: 'invalid_connector_name' }
  | { readonly action: 'ignore' };

/** Reads `update_connector`: 1 to 100 bytes of text; without the key no answer at all. */
export function parseConnectorUpdate(payload: unknown): ConnectorUpdate {
  if (!isRecord(payload)) return { action: 'ignore' };
  const name = payload['connector_name'];
  if (name === undefined) return { action: 'ignore' };
  if (typeof name !== 'string' || !isConnectorName(name)) {
    return { action: 'refuse', reason: 'invalid_connector_name' };
  }
  return { action: 'rename', name };
}

function announcements(raw: unknown): AttributeAnnouncement[] {
  if (!isRecord(raw)) return [];
  return Object.entries(raw)
    .filter(([id]) => isAttributeId(id))
    .map(([attribute, metadata]) => announcementOf(attribute, metadata));
}

function announcementOf(attribute: AttributeId, metadata: unknown): AttributeAnnouncement {
  if (!isRecord(metadata)) return { attribute, attributeType: '' };
  const attributeType = text(metadata['attribute_type']);
  return { attribute, attributeType, ...(metadata['estimated'] === true && { estimated: true }) };
}

/** Join values are free JSON; only scalars have a readable form. */
function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
