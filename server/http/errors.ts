/** Error bodies: one shape on our own routes, the platform's shapes on its routes. None ever carries a stack. */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { RestError } from '../../src/protocol/rest.ts';
import type { HttpEnv } from './context.ts';

export interface Problem {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  /** One sentence for a person. */
  readonly message: string;
  readonly category: RestError['error']['category'];
  /** ms until it makes sense to try again; absent: trying again unchanged will not help. */
  readonly retryAfter?: number;
}

/** The JSON body of a problem, see `RestError`. */
export function problemBody(problem: Problem, requestId: string): RestError {
  return {
    error: {
      code: problem.code,
      message: problem.message,
      category: problem.category,
      retryable: problem.retryAfter !== undefined,
      retry_after_ms: problem.retryAfter ?? null,
      request_id: requestId,
    },
  };
}

/** Answers a request with a problem. */
export function refuse(c: Context<HttpEnv>, problem: Problem): Response {
  return c.json(problemBody(problem, c.get('requestId')), problem.status);
}

/** 401 as the platform's account routes spell it. */
export function refuseAccount(c: Context<HttpEnv>, error: string): Response {
  return c.json({ ok: false, error }, 401);
}
