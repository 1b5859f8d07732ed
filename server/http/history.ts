/** What is stored of a sensor, by measurement time, and how much of it. Works for sensors that are offline, too. */
import { Hono, type Context } from 'hono';
import { isAttributeId } from '../../src/model/attribute.ts';
import { HISTORY_LIMIT, HISTORY_LIMIT_MAX } from '../../src/protocol/history.ts';
import { PATH } from '../../src/protocol/rest.ts';
import type {
  Archive,
  Credentials,
  HistoryPart,
  HistoryPosition,
  HistoryQuery,
  Holding,
  SensorDirectory,
  StoredMeasurement,
} from '../ports.ts';
import type { HttpEnv } from './context.ts';
import { refuse } from './errors.ts';
import { identify, refuseMethod, refuseUnauthorized } from './rest.ts';

export interface HistoryDeps {
  readonly credentials: Credentials;
  readonly sensors: SensorDirectory;
  readonly archive: Archive;
  /** Unix ms. */
  readonly now: () => number;
}

/** `GET /api/sensors/:id/history` and `…/stored`, to be mounted at the root. Shapes in `src/protocol/history.ts`. */
export function historyRoutes(deps: HistoryDeps): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();
  const paths = { history: `${PATH.sensors}/:id/history`, stored: `${PATH.sensors}/:id/stored` } as const;

  routes.get(paths.history, async (c) => {
    if (!identify(c, deps.credentials)) return refuseUnauthorized(c);
    const sensorId = c.req.param('id');
    const query = readQuery(sensorId, (name) => c.req.query(name));
    if (typeof query === 'string') return refuseQuery(c, query);
    const problem = unknown(deps, sensorId, query.attribute);
    if (problem) return refuseUnknown(c, problem);
    const { signal } = c.req.raw;
    try {
      const page = await writePage(query, deps.archive.historyParts(query, signal));
      return c.body(page, 200, { 'content-type': 'application/json' });
    } catch (thrown) {
      // Whoever asked has gone; nobody reads this answer.
      if (signal.aborted) return c.body(null, 408);
      throw thrown;
    }
  });

  routes.get(paths.stored, (c) => {
    if (!identify(c, deps.credentials)) return refuseUnauthorized(c);
    const sensorId = c.req.param('id');
    const holdings = deps.archive.holdings(sensorId);
    if (holdings.size === 0 && !deps.sensors.find(sensorId, deps.now())) return refuseUnknown(c, 'sensor');
    const attributes = Object.fromEntries(Array.from(holdings, ([id, holding]) => [id, countsOf(holding)]));
    return c.json({ sensor_id: sensorId, attributes });
  });

  for (const path of Object.values(paths)) routes.all(path, (c) => refuseMethod(c, 'GET, HEAD'));
  return routes;
}

/** What of the two nobody ever heard of; undefined when both are known. */
function unknown(deps: HistoryDeps, sensorId: string, attribute: string): 'sensor' | 'attribute' | undefined {
  const holdings = deps.archive.holdings(sensorId);
  if (holdings.has(attribute)) return undefined;
  const live = deps.sensors.find(sensorId, deps.now());
  if (!live && holdings.size === 0) return 'sensor';
  // Announced, but nothing came yet: an empty history.
  return live?.attributes.some(({ id }) => id === attribute) === true ? undefined : 'attribute';
}

function countsOf({ samples, firstAt, lastAt, seqs }: Holding) {
  const time = (at: number): number | null => (Number.isFinite(at) ? at : null);
  return { count: samples, first: time(firstAt), last: time(lastAt), seq_ranges: seqs.toArray() };
}

/**
 * The page as JSON, part by part. Bytes and not text: 50,000 samples as objects or as one string would hold up those who
 * stream, while they are joined, encoded and collected again.
 */
async function writePage(
  { sensorId, attribute }: HistoryQuery,
  parts: AsyncIterable<HistoryPart>,
): Promise<Buffer<ArrayBuffer>> {
  const head = JSON.stringify({ sensor_id: sensorId, attribute }).slice(0, -1);
  const pieces: Buffer[] = [Buffer.from(`${head},"samples":[`)];
  let written = 0;
  let last: Pick<HistoryPart, 'next' | 'damaged'> = { next: undefined, damaged: 0 };
  for await (const { samples, next, damaged } of parts) {
    last = { next, damaged };
    if (samples.length === 0) continue;
    const text = JSON.stringify(samples.map(sampleToWire)).slice(1, -1);
    pieces.push(Buffer.from(written > 0 ? `,${text}` : text));
    written += samples.length;
  }
  const rest = {
    next_cursor: last.next ? writeCursor(last.next) : null,
    ...(last.damaged > 0 && { damaged_segments: last.damaged }),
  };
  pieces.push(Buffer.from(`],${JSON.stringify(rest).slice(1)}`));
  return Buffer.concat(pieces);
}

function sampleToWire({ timestamp, payload, extra }: StoredMeasurement): object {
  return { timestamp, payload, ...extra };
}

/** The query, or the name of the parameter that is wrong. */
function readQuery(sensorId: string, param: (name: string) => string | undefined): HistoryQuery | string {
  const attribute = param('attribute');
  if (!isAttributeId(attribute)) return 'attribute';
  const from = readTime(param('from'), -Infinity);
  const to = readTime(param('to'), Infinity);
  if (from === undefined || to === undefined) return from === undefined ? 'from' : 'to';
  const limit = readLimit(param('limit'));
  if (limit === undefined) return 'limit';
  const cursor = param('cursor');
  const query = { sensorId, attribute, from, to, limit };
  if (cursor === undefined) return query;
  const after = readCursor(cursor);
  return after ? { ...query, after } : 'cursor';
}

function readTime(text: string | undefined, otherwise: number): number | undefined {
  if (text === undefined) return otherwise;
  return /^-?\d{1,16}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}

/** More than the most there can be is the most there can be. */
function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return HISTORY_LIMIT;
  return /^[1-9]\d{0,8}$/.test(text) ? Math.min(Number(text), HISTORY_LIMIT_MAX) : undefined;
}

/** JSON has no infinities: null stands for them, which one is clear from the place. */
function writeCursor({ time, seq, row, index }: HistoryPosition): string {
  return Buffer.from(JSON.stringify([time, seq, row, index])).toString('base64url');
}

function readCursor(text: string): HistoryPosition | undefined {
  const parts = parseJson(Buffer.from(text, 'base64url').toString('utf8'));
  if (!Array.isArray(parts) || parts.length !== 4) return undefined;
  const [time, seq, row, index] = parts as unknown[];
  const isNumber = (value: unknown): value is number => typeof value === 'number';
  if (!isNumber(seq) || !isNumber(index) || !(time === null || isNumber(time)) || !(row === null || isNumber(row))) {
    return undefined;
  }
  return { time: time ?? -Infinity, seq, row: row ?? Infinity, index };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is one more way not to be a cursor: the caller answers 400.
    return undefined;
  }
}

function refuseQuery(c: Context<HttpEnv>, parameter: string): Response {
  const message = `The parameter ${parameter} is missing or not understood.`;
  return refuse(c, { status: 400, code: 'invalid-request', message, category: 'client' });
}

function refuseUnknown(c: Context<HttpEnv>, what: 'sensor' | 'attribute'): Response {
  const message = `Nothing is stored of this ${what}.`;
  return refuse(c, { status: 404, code: `unknown-${what}`, message, category: 'client' });
}
