/** Account routes that the platform has too, in its shapes. Here the only accounts are guests. */
import { Hono, type Context } from 'hono';
import { PATH } from '../../src/protocol/rest.ts';
import type { Credentials } from '../ports.ts';
import type { HttpEnv } from './context.ts';
import { refuseAccount } from './errors.ts';
import { limited, refuseStock } from './limits.ts';
import { createRateLimiter } from './rate-limit.ts';
import { identify } from './rest.ts';

/** The platform's limit on its account routes. */
const ACCOUNT_POSTS_PER_MINUTE = 20;

/**
 * `GET /api/me`, `GET|POST /api/auth/verify`.
 * @param now Unix ms
 */
export function stockRoutes(credentials: Credentials, now: () => number): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();
  const limit = limited(createRateLimiter(ACCOUNT_POSTS_PER_MINUTE), now, refuseStock);
  routes.use('/api/auth/*', limit);
  const account = (c: Context<HttpEnv>): Response => describeAccount(c, credentials);
  routes.get(PATH.me, account);
  routes.on(['GET', 'POST'], PATH.verify, account);
  return routes;
}

function describeAccount(c: Context<HttpEnv>, credentials: Credentials): Response {
  if (c.req.header('authorization') === undefined) return refuseAccount(c, 'No authorization token provided');
  const identity = identify(c, credentials);
  if (!identity) return refuseAccount(c, 'Token verification failed (token may be expired or invalid)');
  // Guests have no e-mail address; the key stays, as clients of the platform expect it.
  return c.json({ ok: true, user: { id: identity.id, email: null, display_name: identity.displayName } });
}
