/** Puts rate limits in front of routes, with the platform's headers. As there, only POST is counted. */
import { createMiddleware } from 'hono/factory';
import type { Context } from 'hono';
import type { HttpEnv } from './context.ts';
import { refuse } from './errors.ts';
import type { RateDecision, RateLimiter } from './rate-limit.ts';

/** Answers a refused request; the headers are already set. */
type Refusal = (c: Context<HttpEnv>, retryAfter: number) => Response;

/**
 * @param refusal the 429 body of this route; our own error shape by default
 * @param now Unix ms
 */
export function limited(limiter: RateLimiter, now: () => number, refusal: Refusal = refuseOurs) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    if (c.req.method !== 'POST') return next();
    const at = now();
    const decision = limiter.take(c.get('clientAddress'), at);
    writeHeaders(c, decision);
    if (decision.allowed) return next();
    const retryAfter = Math.max(1000, decision.resetAt - at);
    c.header('retry-after', String(Math.ceil(retryAfter / 1000)));
    return refusal(c, retryAfter);
  });
}

/** 429 as the platform's account routes spell it. */
export function refuseStock(c: Context<HttpEnv>): Response {
  return c.json({ error: 'Too many requests', message: 'Rate limit exceeded. Please try again later.' }, 429);
}

function refuseOurs(c: Context<HttpEnv>, retryAfter: number): Response {
  return refuse(c, {
    status: 429,
    code: 'rate-limited',
    message: `Too many requests from this address. Try again in ${Math.ceil(retryAfter / 1000)} s.`,
    category: 'limit',
    retryAfter,
  });
}

function writeHeaders(c: Context<HttpEnv>, decision: RateDecision): void {
  c.header('x-ratelimit-limit', String(decision.limit));
  c.header('x-ratelimit-remaining', String(decision.remaining));
  c.header('x-ratelimit-reset', String(Math.ceil(decision.resetAt / 1000)));
}
