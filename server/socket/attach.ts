/** The user socket of the gateway: upgrades on `/socket/websocket`, one `Connection` each, an orderly end for all. */
import type { IncomingMessage, Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Log } from '../log.ts';
import type { Archive, Credentials } from '../ports.ts';
import type { LoadSource } from '../sessions/load.ts';
import type { SensorRegistry } from '../sessions/registry.ts';
import { BackpressureDesk } from './backpressure-desk.ts';
import { Connection, type Tally } from './connection.ts';
import { decide, handles, type OriginCheck } from './handshake.ts';
import { Hub } from './hub.ts';
import { STALL_TIMEOUT } from './outlet.ts';
import { createJoiner } from './topics.ts';

export interface SocketDeps {
  readonly registry: SensorRegistry;
  readonly credentials: Credentials;
  readonly archive: Pick<Archive, 'holdings' | 'settle'>;
  readonly load: LoadSource;
  readonly log: Log;
  /** May a page of this origin (programs send none) open a socket under this Host header? */
  readonly origins: OriginCheck;
  /** ms without a frame until a client counts as gone; default 60 000, as on the real server. */
  readonly idleTimeout?: number;
  /** ms in which a client that does not read fast enough must catch up once, or is cut off; default 15 000. */
  readonly stallTimeout?: number;
  /** Announce and answer nothing beyond the stock server. */
  readonly stock?: boolean;
  /** Unix ms. */
  readonly now?: () => number;
}

export interface SocketStats extends Tally {
  readonly sockets: number;
  readonly sensors: number;
  /** Samples taken over. */
  readonly samples: number;
  /** Samples that came again and were dropped. */
  readonly repeats: number;
  /** Samples that slow viewers did not get (they are stored all the same). */
  readonly viewerDropped: number;
}

export interface Sockets {
  /** Closes every socket with 1012 and takes no more. Resolves when all are gone, at the latest after a second. */
  close(): Promise<void>;
  stats(): SocketStats;
  /** True for a request URL these sockets answer. */
  handles(url: string | undefined): boolean;
}

const IDLE_TIMEOUT = 60_000;
const FRAME_MAX = 2 ** 20;
const RESTARTING = 1012;
/** ms for clients to answer the closing frame. */
const CLOSE_GRACE = 1000;

/** Answers upgrades of `server` on the socket's path; other paths are left to other listeners (404 if there is none). */
export function attachSockets(server: Server | SecureServer, deps: SocketDeps): Sockets {
  const { registry, log, now = Date.now } = deps;
  const tally: Tally = { frames: 0, malformed: 0, idle: 0, slowReaders: 0, crashes: 0 };
  const desk = new BackpressureDesk(deps.load, now);
  const connections = new Set<Connection>();
  let viewerDropped = 0;
  const onDropped = (count: number) => (viewerDropped += count);
  const { archive, credentials, stock = false } = deps;
  const join = createJoiner({ registry, desk, hub: new Hub(), archive, credentials, stock, now, onDropped });
  const { idleTimeout = IDLE_TIMEOUT, stallTimeout = STALL_TIMEOUT } = deps;
  const options = { join, tally, log, idleTimeout, stallTimeout };
  const webSockets = new WebSocketServer({
    ...{ noServer: true, clientTracking: false, perMessageDeflate: false },
    ...{ maxPayload: FRAME_MAX, closeTimeout: CLOSE_GRACE },
  });

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (!handles(request.url)) {
      if (server.listenerCount('upgrade') === 1) refuse(stream, '404 Not Found');
      return;
    }
    const handshake = decide(request, deps.origins);
    if (!handshake.ok) return refuse(stream, handshake.status);
    webSockets.handleUpgrade(request, stream, head, (ws) => {
      const connection = new Connection(ws, stream, { ...options, version: handshake.version });
      connections.add(connection);
      ws.once('close', () => connections.delete(connection));
    });
  };
  server.on('upgrade', onUpgrade);

  return {
    handles,
    stats: () => ({
      ...tally,
      ...{ sockets: connections.size, sensors: registry.size, samples: registry.taken },
      ...{ repeats: registry.repeats, viewerDropped },
    }),
    async close() {
      server.off('upgrade', onUpgrade);
      desk.close();
      for (const connection of connections) connection.close(RESTARTING);
      await allGone(connections);
    },
  };
}

/** A refusal has no body, as on the real server. */
function refuse(stream: Duplex, status: string): void {
  // The other side may be gone already; there is nobody left to tell.
  stream.on('error', () => stream.destroy());
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

async function allGone(connections: ReadonlySet<Connection>): Promise<void> {
  const deadline = performance.now() + CLOSE_GRACE;
  while (connections.size > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  for (const connection of connections) connection.terminate();
}
