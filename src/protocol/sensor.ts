/**
 * `sensocto:sensor:{sensor_id}`: join params, measurements, attribute registration. Source: the platform's wire protocol.
 * The server never answers accepted measurements; `ping` on the same topic is answered in order (the barrier).
 */
import type { Block, Json } from '../model/block.ts';
import { blockLength, payloadAt } from '../model/block.ts';
import type { AttributeRegistration, SensorDescriptor } from '../model/sensor.ts';

export const EVENT = {
  measurement: 'measurement',
  batch: 'measurements_batch',
  updateAttributes: 'update_attributes',
  updateConnector: 'update_connector',
  ping: 'ping',
  backpressure: 'backpressure_config',
  deviceCommand: 'device_command',
  shout: 'shout',
  /** Ours, if announced: a binary push of records in our block form. Answered like `batch`, with records as items. */
  blocks: 'blocks',
  /** Ours, if announced: what does the server hold? See `receipt.ts`. */
  receipt: 'receipt',
} as const;

/** Samples that one `blocks` push may hold; one with more is answered as an invalid batch. */
export const BLOCKS_SAMPLES_MAX = 65_536;

/** All nine keys are pattern-matched by the server; any one missing, or an id other than the topic's, crashes the join. */
export const SENSOR_JOIN_KEYS = [
  'connector_id',
  'connector_name',
  'sensor_id',
  'sensor_name',
  'sensor_type',
  'attributes',
  'sampling_rate',
  'batch_size',
  'bearer_token',
] as const;

export interface SensorJoinParams {
  readonly connector_id: string;
  readonly connector_name: string;
  readonly sensor_id: string;
  readonly sensor_name: string;
  readonly sensor_type: string;
  /** Always an object, never an array: an array takes down other people's sensors on the real server. */
  readonly attributes: Readonly<Record<string, never>>;
  readonly sampling_rate: number;
  readonly batch_size: number;
  readonly bearer_token: string;
  /** Extra key (kept by the server): scripted data is marked as such on other people's screens too. */
  readonly demo?: true;
}

/** The device that carries sensors: this installation. */
export interface Connector {
  readonly connectorId: string;
  readonly connectorName: string;
}

/** Join params of a sensor; the token must be the current one, so call this at each (re)join. */
export function sensorJoinParams(
  sensor: SensorDescriptor,
  connector: Connector,
  bearerToken: string,
): SensorJoinParams {
  return {
    connector_id: connector.connectorId,
    connector_name: connector.connectorName,
    sensor_id: sensor.sensorId,
    sensor_name: sensor.name,
    sensor_type: sensor.sensorType,
    attributes: {},
    sampling_rate: 1,
    batch_size: 1,
    bearer_token: bearerToken,
    ...(sensor.demo ? { demo: true as const } : {}),
  };
}

/** One sample on the wire. `timestamp`: integer Unix ms. `seq`: ours, per sensor and attribute; extra keys survive. */
export interface WireMeasurement {
  readonly attribute_id: string;
  readonly payload: Json;
  readonly timestamp: number;
  readonly seq?: number;
  /** Of a button: `press` or `release`. */
  readonly event?: string;
}

/**
 * What of a sample stands in its measurement: the payload and, for a button, the platform's sibling key `event`. A press is
 * `{ value, event }` everywhere but on the wire, where readers expect the button's number as the payload.
 */
export function wireValue(attribute: string, payload: Json): { readonly payload: Json; readonly event?: string } {
  if (!/^buttons?(_\d+)?$/.test(attribute) || typeof payload !== 'object' || payload === null) return { payload };
  const { value, event } = payload as { readonly [key: string]: Json };
  return typeof value === 'number' && typeof event === 'string' ? { payload: value, event } : { payload };
}

/**
 * The samples of a block as wire measurements, timestamps rounded to integer ms.
 * @param firstSeq sequence number of the block's first sample
 */
export function wireMeasurements(block: Block, firstSeq: number): WireMeasurement[] {
  const out: WireMeasurement[] = [];
  for (let i = 0; i < blockLength(block); i++) {
    out.push({
      attribute_id: block.attribute,
      ...wireValue(block.attribute, payloadAt(block, i)),
      timestamp: Math.round(block.times[i] ?? 0),
      seq: firstSeq + i,
    });
  }
  return out;
}

/** Payload of `update_attributes` that registers an attribute. */
export function registerPayload(registration: AttributeRegistration): object {
  return {
    action: 'register',
    attribute_id: registration.attribute,
    metadata: {
      attribute_id: registration.attribute,
      attribute_type: registration.attributeType,
      sampling_rate: registration.samplingRate,
      // Ours; extra keys survive.
      ...(registration.estimated === true && { estimated: true }),
    },
  };
}

export const CONNECTOR_NAME_MAX_BYTES = 100;

/** True if the server accepts this connector name: not empty, at most 100 bytes of UTF-8 (bytes, not characters). */
export function isConnectorName(name: string): boolean {
  return name.length > 0 && new TextEncoder().encode(name).length <= CONNECTOR_NAME_MAX_BYTES;
}
