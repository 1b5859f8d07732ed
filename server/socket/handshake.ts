/** Which upgrades are ours, in which dialect, and from where. */
import type { IncomingMessage } from 'node:http';
import type { SerializerVersion } from '../../src/protocol/frame.ts';

const SOCKET_PATH = '/socket/websocket';

/** True for a request URL (path and query) that the user socket answers. */
export function handles(url: string | undefined): boolean {
  const path = url?.split('?', 1)[0];
  return path === SOCKET_PATH || path === `${SOCKET_PATH}/`;
}

/** The serializer a URL asks for: V1 without `vsn`, as the platform has it; undefined for versions nobody speaks. */
export function serializerVersion(url: string): SerializerVersion | undefined {
  const query = url.indexOf('?');
  const vsn = new URLSearchParams(query < 0 ? '' : url.slice(query)).get('vsn');
  if (vsn === null || /^1\.0\.\d+$/.test(vsn)) return 1;
  return /^2\.0\.\d+$/.test(vsn) ? 2 : undefined;
}

export type Handshake =
  { readonly ok: true; readonly version: SerializerVersion } | { readonly ok: false; readonly status: '403 Forbidden' };

export type OriginCheck = (origin: string | undefined, host: string | undefined) => boolean;

/** Decides about an upgrade: a foreign `Origin` and an unknown `vsn` are refused. */
export function decide(request: IncomingMessage, origins: OriginCheck): Handshake {
  const { origin, host } = request.headers;
  if (!origins(origin, host)) return { ok: false, status: '403 Forbidden' };
  const version = serializerVersion(request.url ?? '');
  return version === undefined ? { ok: false, status: '403 Forbidden' } : { ok: true, version };
}
