/**
 * Entry of the sensor worker: real edges, exposed through Comlink to the page that made it. Each tab has one; that of the
 * tab that leads makes the SensorWorker which serves them all.
 */
import { expose } from 'comlink';
import { createRestClient } from '../../src/channel/rest-client.ts';
import { createWireSocket } from '../../src/channel/wire-socket.ts';
import { randomId } from '../../src/lib/hash.ts';
import { systemClock } from '../../src/lib/timers.ts';
import { appError } from '../../src/model/errors.ts';
import { fail } from '../../src/model/result.ts';
import { memorySettings, openDatabase } from '../../src/outbox/database.ts';
import { openOutbox } from '../../src/outbox/open-outbox.ts';
import { budgetFor, storageFacts } from '../../src/outbox/quota.ts';
import { laterCodec } from './later-codec.ts';
import { SensorWorker } from './sensor-worker.ts';
import { markOutbox } from './tabs/feed-marks.ts';
import { CHANNEL, type LeaderCore } from './tabs/ports.ts';
import { TabWorker } from './tabs/tab-worker.ts';

/** A server that takes the request and never answers must not hold up every join behind it, ms. */
const REST_TIMEOUT = 15_000;

const endpoint = `${self.location.origin.replace(/^http/, 'ws')}/socket`;

const blocks = laterCodec(async () => {
  const { decodeBlock, encodeBlock } = await import('../../src/protocol/block-codec.ts');
  return { encode: (block, firstSeq) => encodeBlock(block, { firstSeq }), decode: decodeBlock };
});
const fillRandom = (target: Uint8Array): unknown => crypto.getRandomValues(target as Uint8Array<ArrayBuffer>);

expose(
  new TabWorker({
    clock: systemClock,
    random: () => Math.random(),
    tab: randomId(8, fillRandom),
    // Pages on plain http have no locks; some private modes have no channel.
    locks: 'locks' in navigator ? navigator.locks : undefined,
    openBroadcast: 'BroadcastChannel' in self ? () => new BroadcastChannel(CHANNEL) : undefined,
    makeCore,
  }),
);

/** The worker of one leadership, with the log it takes over. */
async function makeCore(exclusive: boolean): Promise<LeaderCore> {
  const database = await openDatabase();
  // The log exists before the worker that listens to it.
  const listener = { changed: (): void => undefined };
  const log = await openOutbox({
    onChange: () => listener.changed(),
    // Two leaders at once would write over each other.
    database: exclusive ? database : fail(appError('storage-unavailable', 'this page cannot keep other tabs out')),
    codec: blocks.codec,
    clock: systemClock,
    budgetBytes: budgetFor(await storageFacts(navigator.storage, false)),
  });
  const { marks, outbox } = markOutbox(log);
  const worker = new SensorWorker({
    clock: systemClock,
    wall: () => Date.now(),
    random: () => Math.random(),
    fillRandom,
    openSettings: () => Promise.resolve(database.ok ? database.value.settings : memorySettings()),
    outbox,
    codecReady: () => blocks.ready(),
    storageFacts: () => storageFacts(navigator.storage, false),
    rest: createRestClient((path, init) => fetch(path, { ...init, signal: AbortSignal.timeout(REST_TIMEOUT) })),
    makeSocket: (params, handlers) => createWireSocket(endpoint, params, handlers),
  });
  listener.changed = () => worker.logChanged();
  const stop = (): void => {
    worker.stop();
    // Writes what it took, unless the next leader has the log already: then the tabs give it that.
    void log.close();
  };
  return { worker, marks, stop };
}
