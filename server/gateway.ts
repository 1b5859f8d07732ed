/** Joins the parts of the gateway: a backend, the HTTP side, TLS for the network, and one orderly end. */
import { once } from 'node:events';
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https, { type Server as SecureServer } from 'node:https';
import { isIP, type AddressInfo } from 'node:net';
import path from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { describeThrown } from '../src/model/errors.ts';
import type { Backend } from './backend.ts';
import { createAdmission, type Admission } from './http/admission.ts';
import { createHttpApp, unreadableRequest } from './http/app.ts';
import { openCatalog, type Catalog } from './http/catalog.ts';
import type { HttpEnv } from './http/context.ts';
import { isLoopback } from './http/hosts.ts';
import { modelRoutes } from './http/models.ts';
import { MODEL_ORIGINS } from './http/security.ts';
import { lanAddresses } from './lan/addresses.ts';
import { openLan, RECHECK_INTERVAL, type LanNetwork } from './lan/network.ts';
import type { LanInfo } from './lan/page.ts';
import { lanRoutes, noLanRoutes } from './lan/routes.ts';
import { localBackend } from './local.ts';
import { createLog, type Log } from './log.ts';
import type { Gateway, GatewayOptions } from './ports.ts';
import { upstreamBackend } from './upstream.ts';

type AnyServer = Server | SecureServer;

/** ms for requests under way when the gateway stops. */
const DRAIN = 1000;
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]']);

export interface RunningGateway extends Gateway {
  /** With `--lan`: where phones go. */
  readonly lan?: LanInfo;
  /** Names and addresses the certificate does not cover. */
  readonly notCovered: readonly string[];
}

/**
 * Starts a gateway. Rejects when the address cannot be listened on (`code`, `port` of the system error) or the store
 * cannot be opened; nothing is left running then.
 */
export async function createGateway(options: GatewayOptions, log: Log = createLog()): Promise<RunningGateway> {
  const secure = options.lan === true;
  const loopback = !secure && isLoopback(options.host);
  const admission = createAdmission({ loopback, secure, origins: options.origins ?? [] });
  const lan = secure ? openLan(options.dataDir, Date.now(), addressesFor(options.host)) : undefined;
  const catalog = options.appDir === undefined ? NO_FILES : await openCatalog(options.appDir);
  const backend = openBackend(options, loopback, admission, log);
  const servers: AnyServer[] = [];
  const ports = { main: 0, install: 0 };
  const lanInfo = lan && (() => lan.info(ports.main, ports.install));
  const close = closer(backend, servers);
  try {
    const own = lan && lanInfo ? [lanRoutes(lanInfo, lan.certificate)] : [noLanRoutes()];
    const modelOrigins = options.modelOrigins ?? MODEL_ORIGINS;
    const app = { catalog, admission, secure, modelOrigins, onFault: faultLogger(log) };
    const models = modelRoutes(path.join(options.dataDir, 'models'), modelOrigins);
    const main = createServer(listenerFor({ ...app, routes: [...own, models, ...backend.routes] }, backend), lan);
    servers.push(main);
    backend.attach(main);
    ports.main = await listen(main, options.port, options.host);
    if (lan) {
      const install = http.createServer(
        listenerFor({ ...app, secure: false, catalog: NO_FILES, routes: [...own, toInstallPage()] }),
      );
      servers.push(install);
      ports.install = await listen(install, options.port === 0 ? 0 : options.port + 1, options.host);
      followAddresses(lan, main, log);
    }
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return {
    url: lanInfo?.().url ?? `http://${urlHost(options.host)}:${ports.main}`,
    port: ports.main,
    close,
    notCovered: lan?.outside ?? [],
    ...(lanInfo && { lan: lanInfo() }),
  };
}

function openBackend(options: GatewayOptions, loopback: boolean, admission: Admission, log: Log): Backend {
  if (options.upstream === undefined) return localBackend(options, { loopback, admission, log });
  return upstreamBackend({ url: options.upstream, admission, log, own: new Set(['/api/lan']) });
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

function listenerFor(app: Parameters<typeof createHttpApp>[0], backend?: Backend): Listener {
  const answer = getRequestListener(createHttpApp(app).fetch, {
    errorHandler: unreadableRequest,
    overrideGlobalObjects: false,
  });
  return (request, response) => {
    if (backend?.intercept(request, response) !== true) void answer(request, response);
  };
}

function createServer(listener: Listener, lan: LanNetwork | undefined): AnyServer {
  return lan ? https.createServer(lan.files, listener) : http.createServer(listener);
}

async function listen(server: AnyServer, port: number, host: string): Promise<number> {
  server.listen(port, host.replace(/^\[|\]$/g, ''));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Sockets first, so that nothing more comes in; then what is under way; the store at the very end. Once only. */
function closer(backend: Backend, servers: readonly AnyServer[]): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const drained = Promise.all(servers.map(drain));
    await backend.disconnect();
    await drained;
    backend.release();
  };
  return () => (closing ??= close());
}

async function drain(server: AnyServer): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  const deadline = setTimeout(() => server.closeAllConnections(), DRAIN);
  server.close();
  server.closeIdleConnections();
  await closed;
  clearTimeout(deadline);
}

/** A laptop that joins another network gets another address, and with it another certificate. */
function followAddresses(lan: LanNetwork, server: AnyServer, log: Log): void {
  const timer = setInterval(() => {
    try {
      const files = lan.refresh(Date.now());
      if (files && server instanceof https.Server) server.setSecureContext(files);
    } catch (thrown) {
      log.error('certificate not renewed', { reason: describeThrown(thrown) });
    }
  }, RECHECK_INTERVAL);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}

function toInstallPage(): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();
  routes.get('/', (c) => c.redirect('/lan'));
  return routes;
}

/** A gateway told to listen on one address offers only that one to phones. */
function addressesFor(host: string): () => string[] {
  return isIP(host) === 0 || WILDCARDS.has(host) ? () => lanAddresses() : () => [host];
}

function urlHost(host: string): string {
  if (WILDCARDS.has(host)) return '127.0.0.1';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function faultLogger(log: Log): (requestId: string, thrown: unknown) => void {
  return (requestId, thrown) => log.error('request failed', { requestId, reason: describeThrown(thrown) });
}

const NO_FILES: Catalog = { find: () => undefined };
