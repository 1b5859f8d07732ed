/**
 * Stands in front of a real Sensocto server, so that the app is same-origin with it: that server sends no CORS headers and
 * refuses sockets from foreign origins. Bodies and frames pass through unread.
 */
import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { requestIdOf } from '../http/context.ts';
import { problemBody } from '../http/errors.ts';
import { forwardedHeaders, pairs, returnedHeaders } from './headers.ts';

/** Paths that belong to the server, with everything below them. */
const PROXIED = /^\/(?:socket|bridge|api|auth|health)(?:[/?]|$)/;
/** How long the upstream may take to accept a connection. */
const CONNECT_TIMEOUT = 10_000;
/** ms a client has to hang up after our close frame. */
const GOODBYE = 500;
/** An unmasked close frame with code 1012, "service restart": clients come back. */
const CLOSE_1012 = Buffer.from([0x88, 0x02, 0x03, 0xf4]);

export interface Proxy {
  /** Whether this request target is the upstream's. */
  handles(target: string | undefined): boolean;
  /** Forwards a request and streams the answer; 502 in our error shape when the upstream cannot be reached. */
  request(request: IncomingMessage, response: ServerResponse): void;
  /** Forwards a WebSocket upgrade and then every byte, both ways. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends all sockets with 1012 and gives their clients half a second to hang up. */
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Origin of the real server, http or https. */
  readonly upstream: URL;
  /** Told when the upstream cannot be reached; the reason holds no secrets. */
  readonly onUnreachable: (reason: string) => void;
  /** ms; a test seam. */
  readonly connectTimeout?: number;
}

export function createProxy(options: ProxyOptions): Proxy {
  const { upstream } = options;
  const sockets = new Set<Duplex>();
  const connect = (request: IncomingMessage, upgrade: boolean): ClientRequest =>
    openRequest(upstream, request, upgrade, options.connectTimeout ?? CONNECT_TIMEOUT);
  return {
    handles: (target) => target !== undefined && PROXIED.test(target),
    request(request, response) {
      forwardRequest(connect(request, false), request, response, options);
    },
    upgrade(request, socket, head) {
      socket.once('close', () => sockets.delete(socket));
      forwardUpgrade(connect(request, true), socket, head, options, () => sockets.add(socket));
    },
    async close() {
      const open = [...sockets];
      for (const socket of open) socket.end(CLOSE_1012);
      await Promise.all(open.map((socket) => closed(socket)));
    },
  };
}

function openRequest(upstream: URL, request: IncomingMessage, upgrade: boolean, timeout: number): ClientRequest {
  const client = upstream.protocol === 'https:' ? https : http;
  const outgoing = client.request({
    protocol: upstream.protocol,
    hostname: upstream.hostname.replace(/^\[|\]$/g, ''),
    port: upstream.port,
    method: request.method,
    path: request.url,
    headers: forwardedHeaders(request.rawHeaders, upstream, upgrade),
    // Each browser connection has its own upstream connection; nothing of one user's may linger for the next.
    agent: false,
  });
  const timer = setTimeout(() => outgoing.destroy(new Error('no connection within 10 s')), timeout);
  outgoing.once('socket', (socket) => {
    const connected = upstream.protocol === 'https:' ? 'secureConnect' : 'connect';
    socket.once(connected, () => clearTimeout(timer));
  });
  outgoing.once('close', () => clearTimeout(timer));
  return outgoing;
}

function forwardRequest(
  outgoing: ClientRequest,
  request: IncomingMessage,
  response: ServerResponse,
  options: ProxyOptions,
): void {
  outgoing.on('response', (answer) => {
    response.writeHead(
      answer.statusCode ?? 502,
      answer.statusMessage,
      returnedHeaders(answer.rawHeaders, options.upstream),
    );
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  outgoing.on('error', (error) => {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    options.onUnreachable(error.message);
    const requestId = requestIdOf(header(request, 'x-request-id'));
    const body = JSON.stringify(problemBody(UNREACHABLE, requestId));
    response.writeHead(502, {
      'content-type': 'application/json',
      'x-request-id': requestId,
      'cache-control': 'no-store',
    });
    response.end(body);
  });
  // A browser that went away needs no answer.
  response.on('close', () => outgoing.destroy());
  request.pipe(outgoing);
}

function forwardUpgrade(
  outgoing: ClientRequest,
  socket: Duplex,
  head: Buffer,
  options: ProxyOptions,
  onOpen: () => void,
): void {
  // Until the upstream has answered there is nobody to hand an error to but the upstream's request.
  socket.on('error', () => outgoing.destroy());
  socket.once('close', () => outgoing.destroy());
  outgoing.on('upgrade', (answer, upstreamSocket, upstreamHead) => {
    socket.write(statusAndHeaders(answer, answer.rawHeaders));
    if (upstreamHead.length > 0) socket.write(upstreamHead);
    if (head.length > 0) upstreamSocket.write(head);
    join(socket, upstreamSocket);
    onOpen();
  });
  // The upstream refused (403 for a bad vsn, say): its answer goes through as it is.
  outgoing.on('response', (answer) => {
    const headers = returnedHeaders(answer.rawHeaders, options.upstream);
    socket.write(statusAndHeaders(answer, [...headers, 'connection', 'close']));
    answer.pipe(socket);
  });
  outgoing.on('error', (error) => {
    if (socket.destroyed) return;
    options.onUnreachable(error.message);
    const body = JSON.stringify(problemBody(UNREACHABLE, requestIdOf(undefined)));
    socket.end(
      `HTTP/1.1 502 Bad Gateway\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
        `connection: close\r\n\r\n${body}`,
    );
  });
  outgoing.end();
}

/** Both ways, until either side ends or breaks; then both are gone. */
function join(a: Duplex, b: Duplex): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy());
    // After a proper end, what is still on its way to the other side must arrive; after a break nothing more will come.
    from.on('close', () => (from.readableEnded ? to.end() : to.destroy()));
  }
}

async function closed(socket: Duplex): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), GOODBYE);
  if (!socket.closed) await once(socket, 'close');
  clearTimeout(timer);
}

function statusAndHeaders(answer: IncomingMessage, headers: readonly string[]): string {
  const lines = pairs(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}\r\n${lines.join('')}\r\n`;
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

const UNREACHABLE = {
  status: 502,
  code: 'upstream-unreachable',
  message: 'The Sensocto server behind this gateway cannot be reached.',
  category: 'server',
  retryAfter: 5000,
} as const;
