/** What the browser gives to whoever takes part among the tabs: the sensor worker of a page, or the service worker. */
import { createLaterRest } from '../../src/channel/later-rest.ts';
import { createWireSocket } from '../../src/channel/wire-socket.ts';
import { randomId } from '../../src/lib/hash.ts';
import { systemClock } from '../../src/lib/timers.ts';
import { appError } from '../../src/model/errors.ts';
import { fail } from '../../src/model/result.ts';
import { memorySettings, openDatabase } from '../../src/outbox/database.ts';
import { openOutbox } from '../../src/outbox/open-outbox.ts';
import { budgetFor, storageFacts } from '../../src/outbox/quota.ts';
import type { LaterCodec } from './later-codec.ts';
import { SensorWorker } from './sensor-worker.ts';
import { markOutbox } from './tabs/feed-marks.ts';
import { CHANNEL, type LeaderCore, type TabEdges } from './tabs/ports.ts';

/** A server that takes the request and never answers must not hold up every join behind it, ms. */
const REST_TIMEOUT = 15_000;

const fillRandom = (target: Uint8Array): unknown => crypto.getRandomValues(target as Uint8Array<ArrayBuffer>);

/**
 * @param blocks the codec of the log
 * @param closing told at the end of a leadership of this tab; resolves when all that its log took is written
 */
export function browserEdges(blocks: LaterCodec, closing: (written: Promise<void>) => void = ignore): TabEdges {
  return {
    clock: systemClock,
    random: () => Math.random(),
    tab: randomId(8, fillRandom),
    // Pages on plain http have no locks; some private modes have no channel.
    locks: 'locks' in navigator ? navigator.locks : undefined,
    openBroadcast: 'BroadcastChannel' in self ? () => new BroadcastChannel(CHANNEL) : undefined,
    makeCore: (exclusive) => makeCore(exclusive, blocks, closing),
  };
}

/** The worker of one leadership, with the log it takes over. */
async function makeCore(
  exclusive: boolean,
  blocks: LaterCodec,
  closing: (written: Promise<void>) => void,
): Promise<LeaderCore> {
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
    rest: createLaterRest((path, init) => fetch(path, { ...init, signal: AbortSignal.timeout(REST_TIMEOUT) })),
    makeSocket: (params, handlers) => createWireSocket(endpoint(), params, handlers),
  });
  listener.changed = () => worker.logChanged();
  const stop = (): void => {
    worker.stop();
    // Writes what it took, unless the next leader has the log already: then the tabs give it that.
    closing(log.close());
  };
  return { worker, marks, stop };
}

function endpoint(): string {
  return `${self.location.origin.replace(/^http/, 'ws')}/socket`;
}

function ignore(): void {
  return undefined;
}
