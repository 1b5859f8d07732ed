/** The gateway's own backend: store, credentials, live sensors, sockets, REST. */
import type { Backend } from './backend.ts';
import { createCredentials } from './auth/credentials.ts';
import type { Admission } from './http/admission.ts';
import { commandRoutes } from './http/command.ts';
import { healthRoutes } from './http/health.ts';
import { historyRoutes } from './http/history.ts';
import { restRoutes } from './http/rest.ts';
import { stockRoutes } from './http/stock.ts';
import { describeThrown } from '../src/model/errors.ts';
import type { Log } from './log.ts';
import type { GatewayOptions } from './ports.ts';
import { LoadMonitor } from './sessions/load.ts';
import { SensorRegistry } from './sessions/registry.ts';
import { attachSockets } from './socket/attach.ts';
import { openStore, type GatewayStore } from './store/store.ts';

const PRUNE_INTERVAL = 3_600_000;

export interface LocalContext {
  /** Only this machine can reach the gateway. */
  readonly loopback: boolean;
  readonly admission: Admission;
  readonly log: Log;
}

/** Opens the store and what stands on it. Throws StoreError when the store cannot be opened. */
export function localBackend(options: GatewayOptions, context: LocalContext): Backend {
  const { admission, log } = context;
  const store = openStore(options.dataDir, { retentionDays: options.retentionDays });
  const credentials = createCredentials(store, { loopback: context.loopback });
  const stock = options.stock ?? false;
  const registry = new SensorRegistry({ store, stock });
  const load = new LoadMonitor();
  let sockets: ReturnType<typeof attachSockets> | undefined;
  const stopPruning = pruneRegularly(store, log);

  return {
    routes: [
      restRoutes({ credentials, sensors: registry, now: Date.now }),
      historyRoutes({ credentials, sensors: registry, archive: store, now: Date.now }),
      commandRoutes({ credentials, sensors: registry, now: Date.now }),
      stockRoutes(credentials, Date.now),
      healthRoutes({
        store,
        dataDir: options.dataDir,
        load: () => load.report(),
        sockets: () => ({ ...sockets?.stats() }),
        now: Date.now,
      }),
    ],
    intercept: () => false,
    attach(server) {
      sockets = attachSockets(server, {
        ...{ registry, credentials, archive: store, load, log, stock },
        origins: (origin, host) => admission.socket(origin, host),
        ...(options.idleTimeout !== undefined && { idleTimeout: options.idleTimeout }),
      });
    },
    async disconnect() {
      await sockets?.close();
      store.flush();
    },
    release() {
      stopPruning();
      load.stop();
      store.close();
    },
  };
}

/** Removes what is older than the retention, now and then; a failure is told and tried again. */
function pruneRegularly(store: GatewayStore, log: Log): () => void {
  const prune = (): void => {
    try {
      store.prune(Date.now());
    } catch (thrown) {
      log.error('old measurements not removed', { reason: describeThrown(thrown) });
    }
  };
  prune();
  const timer = setInterval(prune, PRUNE_INTERVAL);
  timer.unref();
  return () => clearInterval(timer);
}
