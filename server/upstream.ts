/** `--server`: a real Sensocto server as the backend, reached through the proxy. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Backend } from './backend.ts';
import type { Admission } from './http/admission.ts';
import type { Log } from './log.ts';
import { createProxy } from './proxy/proxy.ts';

export interface UpstreamOptions {
  readonly url: string;
  readonly admission: Admission;
  readonly log: Log;
  /** Paths this gateway answers itself although they look like the server's. */
  readonly own: ReadonlySet<string>;
}

export function upstreamBackend(options: UpstreamOptions): Backend {
  const { admission, log } = options;
  const proxy = createProxy({
    upstream: new URL(options.url),
    onUnreachable: (reason) => log.warn('server behind the gateway not reached', { reason }),
  });
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (!proxy.handles(request.url)) refuse(socket, '404 Not Found');
    else if (!admission.socket(request.headers.origin, request.headers.host)) refuse(socket, '403 Forbidden');
    else proxy.upgrade(request, socket, head);
  };
  return {
    routes: [],
    intercept(request: IncomingMessage, response: ServerResponse) {
      // A request under an unknown name goes on to the routes, which refuse it.
      const path = request.url?.split('?')[0] ?? '';
      if (options.own.has(path) || !proxy.handles(request.url) || !admission.host(request.headers.host)) return false;
      proxy.request(request, response);
      return true;
    },
    attach: (server) => void server.on('upgrade', upgrade),
    disconnect: () => proxy.close(),
    release() {
      // Nothing is kept here.
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  // The other side may be gone already; there is nobody left to tell.
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
