/** What stands behind the HTTP server: this gateway's own sensors and store, or a real Sensocto server elsewhere. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Hono } from 'hono';
import type { HttpEnv } from './http/context.ts';

export interface Backend {
  readonly routes: readonly Hono<HttpEnv>[];
  /** Takes a request over before any route sees it; false leaves it to the routes. */
  intercept(request: IncomingMessage, response: ServerResponse): boolean;
  /** Listens for socket upgrades. Called once, before the server listens. */
  attach(server: Server | SecureServer): void;
  /** Ends the sockets with 1012 and takes nothing more in. */
  disconnect(): Promise<void>;
  /** Writes what waits and lets go of everything. Called last. */
  release(): void;
}
