/** Joins the HTTP side: ids and headers on everything, limits, routes, the built app, JSON errors. */
import { Hono, type Context } from 'hono';
import type { Admission } from './admission.ts';
import { limitBody } from './body-limit.ts';
import type { Catalog } from './catalog.ts';
import { clientAddressOf, requestIdOf, type HttpEnv } from './context.ts';
import { problemBody, refuse, type Problem } from './errors.ts';
import { COMMON_HEADERS, UNLESS_SET } from './security.ts';
import { serveApp } from './static.ts';

/** As on the real server. */
const BODY_LIMIT = 4 * 1024 * 1024;

export interface HttpAppOptions {
  readonly catalog: Catalog;
  readonly admission: Admission;
  readonly secure: boolean;
  /** From where else than here pages may fetch models, see `appPolicy`. */
  readonly modelOrigins: readonly string[];
  /** Routes tried in this order before the app's files. */
  readonly routes: readonly Hono<HttpEnv>[];
  /** Told about defects of ours; the client only learns the request id. */
  readonly onFault: (requestId: string, thrown: unknown) => void;
}

/** The gateway's HTTP side as a fetch handler for `@hono/node-server`. */
export function createHttpApp(options: HttpAppOptions): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(async (c, next) => {
    const requestId = requestIdOf(c.req.header('x-request-id'));
    c.set('requestId', requestId);
    c.set('clientAddress', clientAddressOf(c.env.incoming));
    await next();
    c.res.headers.set('x-request-id', requestId);
    for (const [name, value] of Object.entries(COMMON_HEADERS)) c.res.headers.set(name, value);
    for (const [name, value] of Object.entries(UNLESS_SET)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  });
  app.use(async (c, next) => (options.admission.host(c.req.header('host')) ? next() : refuse(c, UNKNOWN_HOST)));
  app.use(limitBody(BODY_LIMIT, refuseLarge));
  for (const routes of options.routes) app.route('/', routes);
  app.use(serveApp(options.catalog, options.secure, options.modelOrigins));
  app.notFound((c) => {
    if (/^\/(api|auth|health)(\/|$)/.test(c.req.path)) return refuse(c, NOT_FOUND);
    return c.text('There is nothing at this address. The app is at /.\n', 404);
  });
  app.onError((thrown, c) => {
    options.onFault(c.get('requestId'), thrown);
    return refuse(c, FAULT);
  });
  return app;
}

/** The rest of the body is not read, so the connection cannot carry another request. */
function refuseLarge(c: Context<HttpEnv>): Response {
  c.header('connection', 'close');
  return refuse(c, TOO_LARGE);
}

/** The answer when a request is so odd that no route ever sees it (an impossible Host header, say). */
export function unreadableRequest(): Response {
  return Response.json(problemBody(UNREADABLE, requestIdOf(undefined)), { status: UNREADABLE.status });
}

const UNKNOWN_HOST: Problem = {
  status: 421,
  code: 'unknown-host',
  message: 'This gateway answers only to its own name. Start it with --origin to add the one you used.',
  category: 'client',
};
const TOO_LARGE: Problem = {
  status: 413,
  code: 'too-large',
  message: 'The body is larger than 4 MB.',
  category: 'client',
};
const NOT_FOUND: Problem = {
  status: 404,
  code: 'not-found',
  message: 'There is nothing at this address.',
  category: 'client',
};
const UNREADABLE: Problem = {
  status: 400,
  code: 'unreadable',
  message: 'The request could not be read.',
  category: 'client',
};
const FAULT: Problem = {
  status: 500,
  code: 'internal',
  message: 'Something went wrong here. The request id helps to find it.',
  category: 'server',
  retryAfter: 1000,
};
