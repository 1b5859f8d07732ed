/**
 * Entry of the sensor worker: real edges, exposed through Comlink to the page that made it. Each tab has one; that of the
 * tab that leads makes the SensorWorker which serves them all.
 */
import { expose } from 'comlink';
import { createRestClient } from '../../src/channel/rest-client.ts';
import { createWireSocket } from '../../src/channel/wire-socket.ts';
import { randomId } from '../../src/lib/hash.ts';
import { systemClock } from '../../src/lib/timers.ts';
import { openSettings } from '../../src/outbox/database.ts';
import { createMemoryOutbox } from '../../src/outbox/memory-outbox.ts';
import { SensorWorker } from './sensor-worker.ts';
import { markOutbox } from './tabs/feed-marks.ts';
import { CHANNEL, type LeaderCore } from './tabs/ports.ts';
import { TabWorker } from './tabs/tab-worker.ts';

/** A server that takes the request and never answers must not hold up every join behind it, ms. */
const REST_TIMEOUT = 15_000;

const endpoint = `${self.location.origin.replace(/^http/, 'ws')}/socket`;

const fillRandom = (target: Uint8Array): unknown => crypto.getRandomValues(target as Uint8Array<ArrayBuffer>);

expose(
  new TabWorker({
    clock: systemClock,
    random: () => Math.random(),
    tab: randomId(8, fillRandom),
    // Pages on plain http have no locks; some private modes have no channel.
    locks: 'locks' in navigator ? navigator.locks : undefined,
    openBroadcast: 'BroadcastChannel' in self ? () => new BroadcastChannel(CHANNEL) : undefined,
    makeCore: () => Promise.resolve(makeCore()),
  }),
);

function makeCore(): LeaderCore {
  const { marks, outbox } = markOutbox(createMemoryOutbox(Math.floor(systemClock.now()) * 1000));
  const worker = new SensorWorker({
    clock: systemClock,
    random: () => Math.random(),
    fillRandom,
    openSettings,
    outbox,
    rest: createRestClient((path, init) => fetch(path, { ...init, signal: AbortSignal.timeout(REST_TIMEOUT) })),
    makeSocket: (params, handlers) => createWireSocket(endpoint, params, handlers),
  });
  return { worker, marks, stop: () => worker.stop() };
}
