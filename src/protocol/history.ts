/**
 * Stored samples over REST, ours: `GET /api/sensors/:id/history` by measurement time, and `GET /api/sensors/:id/stored`, the
 * counts. Both want a bearer token.
 */
import * as v from 'valibot';
import { PATH } from './rest.ts';

/** Samples of a page unless the request says otherwise, and at most. */
export const HISTORY_LIMIT = 10_000;
export const HISTORY_LIMIT_MAX = 50_000;

export interface HistoryRequest {
  readonly attribute: string;
  /** Unix ms, included. Absent: from the beginning, with samples whose timestamp is no number in front. */
  readonly from?: number;
  /** Unix ms, not included. */
  readonly to?: number;
  readonly limit?: number;
  /** `next_cursor` of the page before. */
  readonly cursor?: string;
}

/** Path and query of a page. */
export function historyPath(sensorId: string, request: HistoryRequest): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(request)) if (value !== undefined) query.set(key, String(value));
  return `${PATH.sensors}/${encodeURIComponent(sensorId)}/history?${query}`;
}

/** Path of the counts. */
export function storedPath(sensorId: string): string {
  return `${PATH.sensors}/${encodeURIComponent(sensorId)}/stored`;
}

/** A stored sample; further keys are the ones it came with. */
const HistorySample = v.looseObject({
  timestamp: v.unknown(),
  payload: v.unknown(),
  seq: v.optional(v.number()),
});

/**
 * A page, ascending by timestamp, then `seq`. `next_cursor` is null on the last page. `damaged_segments`: stretches of the
 * store that could not be read, absent if there are none.
 */
export const HistoryPage = v.object({
  sensor_id: v.string(),
  attribute: v.string(),
  samples: v.array(HistorySample),
  next_cursor: v.nullable(v.string()),
  damaged_segments: v.optional(v.number()),
});
export type HistoryPage = v.InferOutput<typeof HistoryPage>;

/** Counts of one attribute, with what waits to be written. `first`, `last`: Unix ms, null when no timestamp is a number. */
const StoredAttribute = v.object({
  count: v.number(),
  first: v.nullable(v.number()),
  last: v.nullable(v.number()),
  /** Every `seq` ever stored, ascending; the retention removes samples but not these. */
  seq_ranges: v.array(v.tuple([v.number(), v.number()])),
});

export const StoredCounts = v.object({
  sensor_id: v.string(),
  attributes: v.record(v.string(), StoredAttribute),
});
export type StoredCounts = v.InferOutput<typeof StoredCounts>;
