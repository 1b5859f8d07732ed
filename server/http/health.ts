/** `/health/live` and `/health/ready`, in the platform's shapes. Each check of `ready` tries the thing it speaks of. */
import { open, unlink } from 'node:fs/promises';
import path from 'node:path';
import { Hono } from 'hono';
import { describeThrown } from '../../src/model/errors.ts';
import { PATH } from '../../src/protocol/rest.ts';
import type { LoadReport, Store } from '../ports.ts';
import type { HttpEnv } from './context.ts';

export interface HealthDeps {
  readonly store: Pick<Store, 'flush'> & {
    /** Why the last write failed; undefined while all is well. */
    problem(): Error | undefined;
  };
  readonly dataDir: string;
  readonly load: () => LoadReport;
  /** Counts of the sockets, to be shown. */
  readonly sockets: () => Readonly<Record<string, number>>;
  /** Unix ms. */
  readonly now: () => number;
}

/** A disk check is not repeated sooner, so that asking often costs nothing. */
const RECHECK_AFTER = 1000;

interface DatabaseCheck {
  readonly healthy: boolean;
  readonly latency_ms: number;
  readonly detail?: string;
}

export function healthRoutes(deps: HealthDeps): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();
  const timestamp = (): string => new Date(deps.now()).toISOString();
  let last: { readonly at: number; readonly check: Promise<DatabaseCheck> } | undefined;

  routes.get(PATH.live, (c) => c.json({ status: 'ok', timestamp: timestamp() }));
  routes.get(PATH.ready, async (c) => {
    if (!last || deps.now() - last.at >= RECHECK_AFTER) last = { at: deps.now(), check: checkStore(deps) };
    const database = await last.check;
    const load = deps.load();
    const calm = load.level !== 'critical';
    const healthy = database.healthy && calm;
    const checks = {
      database,
      system_load: {
        healthy: calm,
        level: load.level,
        memory_protection_active: load.memoryProtection,
        memory_pressure: load.memoryPressure,
        event_loop_delay_ms: load.eventLoopDelay,
      },
      sockets: { healthy: true, ...deps.sockets() },
    };
    return c.json({ status: healthy ? 'healthy' : 'degraded', checks, timestamp: timestamp() }, healthy ? 200 : 503);
  });
  return routes;
}

/** Writes what waits, then a byte of its own to the same disk: an idle store would not notice a full or read-only one. */
async function checkStore(deps: HealthDeps): Promise<DatabaseCheck> {
  const started = performance.now();
  const probe = path.join(deps.dataDir, `.probe-${process.pid}`);
  const latency = (): number => Math.round((performance.now() - started) * 100) / 100;
  try {
    deps.store.flush();
    const problem = deps.store.problem();
    if (problem) throw problem;
    const file = await open(probe, 'w');
    try {
      await file.writeFile('1');
      await file.datasync();
    } finally {
      await file.close();
    }
    await unlink(probe);
    return { healthy: true, latency_ms: latency() };
  } catch (thrown) {
    // The path of the data folder is nobody's business out there; the code of the error says enough.
    const detail = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : describeThrown(thrown);
    return { healthy: false, latency_ms: latency(), detail };
  }
}
