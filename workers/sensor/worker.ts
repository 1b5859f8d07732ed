/** Entry of the sensor worker: real edges, one SensorWorker, exposed through Comlink to the page that made it. */
import { expose } from 'comlink';
import { createRestClient } from '../../src/channel/rest-client.ts';
import { createWireSocket } from '../../src/channel/wire-socket.ts';
import { systemClock } from '../../src/lib/timers.ts';
import { openSettings } from '../../src/outbox/database.ts';
import { createMemoryOutbox } from '../../src/outbox/memory-outbox.ts';
import { SensorWorker } from './sensor-worker.ts';

/** A server that takes the request and never answers must not hold up every join behind it, ms. */
const REST_TIMEOUT = 15_000;

const endpoint = `${self.location.origin.replace(/^http/, 'ws')}/socket`;

expose(
  new SensorWorker({
    clock: systemClock,
    random: () => Math.random(),
    fillRandom: (target) => crypto.getRandomValues(target as Uint8Array<ArrayBuffer>),
    openSettings,
    outbox: createMemoryOutbox(Math.floor(systemClock.now()) * 1000),
    rest: createRestClient((path, init) => fetch(path, { ...init, signal: AbortSignal.timeout(REST_TIMEOUT) })),
    makeSocket: (params, handlers) => createWireSocket(endpoint, params, handlers),
  }),
);
