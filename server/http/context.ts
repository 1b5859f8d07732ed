/** What travels with a request: its id, the client's address, and the Node objects beneath. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { isLoopback } from './hosts.ts';

export interface HttpEnv {
  Bindings: HttpBindings;
  Variables: { requestId: string; clientAddress: string };
}

/** The caller's `x-request-id` when it is 20 to 200 harmless characters, as on the real server; else a new one. */
export function requestIdOf(inbound: string | undefined): string {
  return inbound !== undefined && /^[\w.:+/=@-]{20,200}$/.test(inbound) ? inbound : randomUUID();
}

/**
 * Whose request it is, for rate limits. `X-Forwarded-For` is believed only when the peer is this machine (a proxy in
 * front of us), as anybody else could write anything into it. IPv6 counts by /64: one device has as many addresses as it
 * likes in there.
 */
export function clientAddressOf(request: IncomingMessage): string {
  const peer = request.socket.remoteAddress ?? '';
  const forwarded = request.headers['x-forwarded-for'];
  const first = (Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(',')[0]?.trim();
  return networkOf(isLoopback(peer) && first !== undefined && /^[0-9a-f.:]{2,45}$/i.test(first) ? first : peer);
}

function networkOf(address: string): string {
  const v4 = address.replace(/^::ffff:/i, '');
  if (!v4.includes(':')) return v4;
  const [head = '', tail] = v4.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return `${[...left, ...Array.from({ length: zeros }, () => '0'), ...right].slice(0, 4).join(':')}::/64`;
}
