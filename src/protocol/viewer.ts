/**
 * `viewer:data:{token}`: what others' sensors send right now. Source: the platform's wire protocol.
 * A batch holds lists for waveforms and buttons (every sample since the last flush) and only the latest sample for
 * every other attribute.
 */
import * as v from 'valibot';
import type { Json } from '../model/block.ts';
import { appError } from '../model/errors.ts';
import type { Quality } from '../model/quality.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { createCarrierReader, isDeltaCarrier } from './delta.ts';
import { SensorList, type SensorSummary } from './rest.ts';

export const VIEWER_EVENT = {
  batch: 'sensor_batch',
  setVisible: 'set_visible_sensors',
  /** Ours: the sensors that exist, after the join and on every change. */
  sensorsChanged: 'sensors_changed',
  /** Ours: somebody looks closely at these; their attention becomes high. */
  focus: 'focus_sensors',
} as const;

export type { Quality };

type CarrierReader = ReturnType<typeof createCarrierReader>;

/** Flush interval in ms by quality. */
export const FLUSH_INTERVAL: Readonly<Record<Quality, number>> = { high: 64, medium: 128, low: 250, minimal: 500 };

/** Attributes of which a viewer gets every sample, not only the latest. */
export const KEEP_ALL: ReadonlySet<string> = new Set(['ecg', 'respiration', 'button', 'buttons']);

/** One sample as a viewer sees it. */
export interface ViewerSample {
  readonly sensorId: string;
  readonly attribute: string;
  readonly payload: Json;
  /** Unix ms. */
  readonly timestamp: number;
  readonly seq: number | undefined;
}

/** What came out of one push: the samples that could be read and how many entries could not. */
export interface ViewerBatch {
  readonly samples: readonly ViewerSample[];
  readonly unreadable: number;
}

/**
 * Reads `{"batch": {sensor_id: {attribute_id: M | [M…] | delta-coded list}}}`. Never throws, whatever the JSON: entries
 * that are not measurements are counted in `unreadable`, a delta-coded list that cannot be read as one.
 */
export function parseSensorBatch(raw: unknown): ViewerBatch {
  return createBatchReader()(raw);
}

/** As `parseSensorBatch`, for one push after the other: delta-coded lists are decoded into the same memory. */
export function createBatchReader(): (raw: unknown) => ViewerBatch {
  const readCarrier = createCarrierReader();
  return (raw) => readBatch(raw, readCarrier);
}

function readBatch(raw: unknown, readCarrier: CarrierReader): ViewerBatch {
  const samples: ViewerSample[] = [];
  let unreadable = 0;
  const batch = field(raw, 'batch');
  if (!isRecord(batch)) return { samples, unreadable: 1 };
  for (const [sensorId, attributes] of Object.entries(batch)) {
    if (!isRecord(attributes)) {
      unreadable += 1;
      continue;
    }
    for (const [attribute, entry] of Object.entries(attributes)) {
      if (isDeltaCarrier(entry)) {
        unreadable += readDelta(sensorId, attribute, readCarrier(entry), samples);
        continue;
      }
      for (const item of Array.isArray(entry) ? (entry as unknown[]) : [entry]) {
        const sample = readSample(sensorId, attribute, item);
        if (sample) samples.push(sample);
        else unreadable += 1;
      }
    }
  }
  return { samples, unreadable };
}

/** Reads `{"sensors": [...]}` of `sensors_changed`. Error: `wire-shape`. */
export function parseSensorsChanged(raw: unknown): Result<readonly SensorSummary[]> {
  const parsed = v.safeParse(SensorList, raw);
  return parsed.success ? ok(parsed.output.sensors) : fail(appError('wire-shape', parsed.issues[0].message));
}

/** Appends the samples of a delta-coded list, whose ids are those of the enclosing keys; returns how many were unreadable. */
function readDelta(
  sensorId: string,
  attribute: string,
  decoded: ReturnType<CarrierReader>,
  samples: ViewerSample[],
): 0 | 1 {
  if (!decoded.ok) return 1;
  const { times, values } = decoded.value;
  for (const [i, timestamp] of times.entries()) {
    samples.push({ sensorId, attribute, payload: values[i] ?? null, timestamp, seq: undefined });
  }
  return 0;
}

function readSample(sensorId: string, attribute: string, item: unknown): ViewerSample | undefined {
  if (!isRecord(item) || !('payload' in item)) return undefined;
  const { timestamp, seq } = item;
  if (typeof timestamp !== 'number' || !Number.isFinite(timestamp)) return undefined;
  return {
    sensorId,
    attribute,
    payload: item['payload'] as Json,
    timestamp,
    seq: typeof seq === 'number' ? seq : undefined,
  };
}

function field(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
