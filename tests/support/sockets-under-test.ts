/** The gateway's sockets on a real listening server with a real store and real credentials, for one test file. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCredentials } from '../../server/auth/credentials.ts';
import { createLog } from '../../server/log.ts';
import type { Credentials } from '../../server/ports.ts';
import { LoadMonitor, type LoadReading } from '../../server/sessions/load.ts';
import { SensorRegistry } from '../../server/sessions/registry.ts';
import { attachSockets, type Sockets } from '../../server/socket/attach.ts';
import { type GatewayStore, openStore } from '../../server/store/store.ts';

export interface SocketsUnderTest {
  /** `ws://127.0.0.1:port/socket/websocket?vsn=2.0.0`. */
  readonly url: string;
  readonly server: http.Server;
  /** Where its store is. */
  readonly dir: string;
  readonly sockets: Sockets;
  readonly registry: SensorRegistry;
  readonly store: GatewayStore;
  readonly credentials: Credentials;
  /** What was logged at warn and above. */
  readonly logged: readonly string[];
  /** The reading every load tick gets, and the tick. */
  forceLoad(reading: LoadReading, ticks: number): void;
  close(): Promise<void>;
}

export interface TestOptions {
  readonly idleTimeout?: number;
  readonly stallTimeout?: number;
  /** Is `missing` a good token? */
  readonly loopback?: boolean;
  /** Behave as the stock server does, to be compared with what was recorded from it. */
  readonly stock?: boolean;
}

export async function startSockets(options: TestOptions = {}): Promise<SocketsUnderTest> {
  const dir = mkdtempSync(join(tmpdir(), 'sockets-'));
  const server = http.createServer((_, response) => response.writeHead(404).end());
  const store = openStore(dir, { retentionDays: 30 });
  const credentials = createCredentials(store, { loopback: options.loopback ?? true });
  const stock = options.stock ?? false;
  const registry = new SensorRegistry({ store, stock });
  let reading: LoadReading = { eventLoopDelay: 0, memoryPressure: 0 };
  const load = new LoadMonitor({ read: () => reading, interval: 3_600_000 });
  const logged: string[] = [];
  const sockets = attachSockets(server, {
    ...{ registry, credentials, archive: store, load, stock },
    log: createLog({ level: 'warn', write: (line) => logged.push(line) }),
    origins: (origin, host) => origin === undefined || origin === `http://${host ?? ''}`,
    ...(options.idleTimeout === undefined ? {} : { idleTimeout: options.idleTimeout }),
    ...(options.stallTimeout === undefined ? {} : { stallTimeout: options.stallTimeout }),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/socket/websocket?vsn=2.0.0`,
    ...{ server, dir, sockets, registry, store, credentials, logged },
    forceLoad(next, ticks) {
      reading = next;
      for (let i = 0; i < ticks; i++) load.tick();
    },
    async close() {
      await sockets.close();
      server.close();
      server.closeAllConnections();
      load.stop();
      store.close();
      rmSync(dir, { recursive: true });
    },
  };
}
