/** REST calls the app makes: guests and viewer tokens. Every answer is checked; every failure is a code. */
import * as v from 'valibot';
import { appError, describeThrown, type AppError, type ErrorCode } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { GuestResponse, PATH, ViewerTokenResponse } from '../protocol/rest.ts';
import type { Quality } from '../protocol/viewer.ts';
import type { Fetch } from './ports.ts';

export interface RestClient {
  /** Errors: `server-no-guests` (a server that mints none), `server-rate-limited`, `server-unreachable`, `server-refused`. */
  mintGuest(displayName: string): Promise<Result<GuestResponse>>;
  /** Errors: `server-no-viewer-tokens`, `server-unauthorized`, `server-rate-limited`, `server-unreachable`, `server-refused`. */
  mintViewerToken(bearer: string, sensorIds: readonly string[] | null, quality: Quality): Promise<Result<string>>;
}

/** @param fetch same-origin fetch; other origins are never called */
export function createRestClient(fetch: Fetch): RestClient {
  async function post<S extends v.GenericSchema>(
    path: string,
    body: object,
    schema: S,
    missing: ErrorCode,
    bearer?: string,
  ): Promise<Result<v.InferOutput<S>>> {
    const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' };
    if (bearer !== undefined) headers['authorization'] = `Bearer ${bearer}`;
    try {
      const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!response.ok) return fail(statusError(response, missing));
      const parsed = v.safeParse(schema, parseJson(await response.text()));
      // A page of HTML with status 200 comes from a server that does not know the route.
      return parsed.success ? ok(parsed.output) : fail(appError(missing, 'unexpected answer'));
    } catch (thrown) {
      // No connection, no answer in time, or cut off in the middle of one.
      return fail(appError('server-unreachable', describeThrown(thrown)));
    }
  }

  return {
    mintGuest: (displayName) => post(PATH.guests, { display_name: displayName }, GuestResponse, 'server-no-guests'),
    async mintViewerToken(bearer, sensorIds, quality) {
      const body = { sensor_ids: sensorIds, quality };
      const minted = await post(PATH.viewerTokens, body, ViewerTokenResponse, 'server-no-viewer-tokens', bearer);
      return minted.ok ? ok(minted.value.token) : minted;
    },
  };
}

/** The text as JSON; undefined if it is none, which no schema takes. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function statusError(response: Response, missing: ErrorCode): AppError {
  const detail = `HTTP ${response.status}`;
  if (response.status === 404 || response.status === 405) return appError(missing, detail);
  if (response.status === 401 || response.status === 403) return appError('server-unauthorized', detail);
  if (response.status === 429) return appError('server-rate-limited', detail);
  return appError(response.status >= 500 ? 'server-unreachable' : 'server-refused', detail);
}
