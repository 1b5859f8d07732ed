/**
 * REST of the gateway, shared by its client and its server. The real server has none of the routes under "ours": a 404
 * there means the capability is absent, and the app says so.
 */
import * as v from 'valibot';
import { QUALITIES } from '../model/quality.ts';

export const PATH = {
  guests: '/api/guests',
  viewerTokens: '/api/viewer-tokens',
  sensors: '/api/sensors',
  me: '/api/me',
  verify: '/api/auth/verify',
  live: '/health/live',
  ready: '/health/ready',
} as const;

/** `POST /api/guests` body. */
export const GuestRequest = v.object({ display_name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100)) });

/**
 * `POST /api/guests` → 201. `token` is the guest's secret; `bearer_token` = `guest:<guest_id>:<token>` goes into sensor
 * joins and the Authorization header; `socket_token` is the connect parameter of the socket.
 */
export const GuestResponse = v.object({
  guest_id: v.string(),
  token: v.string(),
  bearer_token: v.string(),
  socket_token: v.string(),
});
export type GuestResponse = v.InferOutput<typeof GuestResponse>;

/** `POST /api/viewer-tokens` body; `sensor_ids: null` means every sensor. */
export const ViewerTokenRequest = v.object({
  sensor_ids: v.nullable(v.array(v.string())),
  quality: v.picklist(QUALITIES),
});
export const ViewerTokenResponse = v.object({ token: v.string() });

/** An attribute in `GET /api/sensors`; `last_value` is the most recently received sample. */
export const SensorAttribute = v.object({
  id: v.string(),
  attribute_type: v.string(),
  attribute_name: v.string(),
  /** Ours: the sender computed it rather than measured it. */
  estimated: v.optional(v.boolean()),
  last_value: v.nullable(v.object({ payload: v.unknown(), timestamp: v.number() })),
});

/** A sensor in `GET /api/sensors`. `freshness`: `fresh` while samples arrive, else `stale`. */
export const SensorSummary = v.object({
  sensor_id: v.string(),
  sensor_name: v.string(),
  sensor_type: v.string(),
  connector_id: v.string(),
  connector_name: v.string(),
  activity_status: v.string(),
  freshness: v.picklist(['fresh', 'stale']),
  demo: v.boolean(),
  attributes: v.array(SensorAttribute),
});
export type SensorSummary = v.InferOutput<typeof SensorSummary>;
export const SensorList = v.object({ sensors: v.array(SensorSummary) });

/** Error body of our own routes. `category` says who must act. */
export interface RestError {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly category: 'client' | 'auth' | 'limit' | 'server';
    readonly retryable: boolean;
    readonly retry_after_ms: number | null;
    readonly request_id: string;
  };
}
