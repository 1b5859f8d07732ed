/** Routes the platform does not have: guests, viewer tokens, sensors. Their shapes are in `src/protocol/rest.ts`. */
import { Hono, type Context } from 'hono';
import * as v from 'valibot';
import { GuestRequest, PATH, ViewerTokenRequest } from '../../src/protocol/rest.ts';
import type { Credentials, Identity, SensorDirectory } from '../ports.ts';
import type { HttpEnv } from './context.ts';
import { refuse } from './errors.ts';
import { limited } from './limits.ts';
import { createRateLimiter } from './rate-limit.ts';

/** A workshop's 60 tablets behind one address start within a minute, twice. */
const STARTS_PER_MINUTE = 120;
/** A viewer token travels in a channel topic; a longer list should ask for every sensor. */
const MAX_SENSOR_IDS = 1000;

export interface RestDeps {
  readonly credentials: Credentials;
  readonly sensors: SensorDirectory;
  /** Unix ms. */
  readonly now: () => number;
}

/** Our own routes, to be mounted at the root. */
export function restRoutes(deps: RestDeps): Hono<HttpEnv> {
  const { credentials, sensors, now } = deps;
  const routes = new Hono<HttpEnv>();

  routes.post(PATH.guests, limited(createRateLimiter(STARTS_PER_MINUTE), now), async (c) => {
    const body = v.safeParse(GuestRequest, await readJson(c));
    if (!body.success) return refuseBody(c, body.issues);
    return c.json(credentials.mintGuest(body.output.display_name), 201);
  });

  routes.post(PATH.viewerTokens, limited(createRateLimiter(STARTS_PER_MINUTE), now), async (c) => {
    const identity = identify(c, credentials);
    if (!identity) return refuseUnauthorized(c);
    const body = v.safeParse(ViewerTokenRequest, await readJson(c));
    if (!body.success) return refuseBody(c, body.issues);
    const { sensor_ids: sensorIds, quality } = body.output;
    if (sensorIds !== null && sensorIds.length > MAX_SENSOR_IDS) return refuseTooMany(c);
    return c.json({ token: credentials.mintViewerToken(identity.id, sensorIds, quality) }, 201);
  });

  routes.get(PATH.sensors, (c) => c.json({ sensors: sensors.list(now()) }));
  routes.get(`${PATH.sensors}/:id`, (c) => {
    const sensor = sensors.find(c.req.param('id'), now());
    return sensor ? c.json(sensor) : refuseUnknownSensor(c);
  });

  for (const [path, methods] of ALLOWED) routes.all(path, (c) => refuseMethod(c, methods));
  return routes;
}

const ALLOWED: readonly (readonly [path: string, methods: string])[] = [
  [PATH.guests, 'POST'],
  [PATH.viewerTokens, 'POST'],
  [PATH.sensors, 'GET, HEAD'],
  [`${PATH.sensors}/:id`, 'GET, HEAD'],
];

/** Who asks, by the Authorization header. */
export function identify(c: Context<HttpEnv>, credentials: Credentials): Identity | undefined {
  const [, token] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? [];
  return credentials.checkBearer(token);
}

/** The body as JSON; undefined when it is none, which no schema accepts. Too large bodies still throw. */
export async function readJson(c: Context<HttpEnv>): Promise<unknown> {
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is one more way not to match the schema: the caller answers 400.
    return undefined;
  }
}

function refuseBody(c: Context<HttpEnv>, issues: readonly v.BaseIssue<unknown>[]): Response {
  const [issue] = issues;
  const where = issue ? (v.getDotPath(issue) ?? 'body') : 'body';
  const message = `The request was not understood (${where}: ${issue?.message ?? 'unreadable'}).`;
  return refuse(c, { status: 400, code: 'invalid-request', message, category: 'client' });
}

/** 401 with what to do about it. */
export function refuseUnauthorized(c: Context<HttpEnv>): Response {
  c.header('www-authenticate', 'Bearer');
  const message = 'Sign in as a guest first and send its bearer token.';
  return refuse(c, { status: 401, code: 'unauthorized', message, category: 'auth' });
}

function refuseTooMany(c: Context<HttpEnv>): Response {
  const message = `At most ${MAX_SENSOR_IDS} sensor ids; send null for every sensor.`;
  return refuse(c, { status: 400, code: 'too-many-sensors', message, category: 'client' });
}

/** 404 for a sensor nobody streams. */
export function refuseUnknownSensor(c: Context<HttpEnv>): Response {
  const message = 'No sensor with this id streams now.';
  return refuse(c, { status: 404, code: 'unknown-sensor', message, category: 'client' });
}

/** 405, with the methods there are. */
export function refuseMethod(c: Context<HttpEnv>, methods: string): Response {
  c.header('allow', methods);
  const message = `This address takes ${methods}.`;
  return refuse(c, { status: 405, code: 'method-not-allowed', message, category: 'client' });
}
