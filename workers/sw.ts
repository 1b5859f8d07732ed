/**
 * The service worker: keeps the app's files so that it starts without a network, and sends what waits when the browser
 * wakes it for that. It never answers for the server's routes, and a new version waits until the page asks for it (a
 * reload in the middle of a measurement would cut it).
 */
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { DRAIN_TAG } from '../src/model/background.ts';
import { decodeBlock, encodeBlock } from '../src/protocol/block-codec.ts';
import { drainInBackground } from './sensor/background-drain.ts';
import { browserEdges } from './sensor/browser-edges.ts';
import { laterCodec } from './sensor/later-codec.ts';

declare const self: ServiceWorkerGlobalScope;

/** Background Sync, which TypeScript's library does not have. */
interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

/** Paths that belong to the server, also when they are opened as pages. */
const SERVER_PATHS = [/^\/(api|socket|auth|health|bridge|lan)(\/|$)/];

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: SERVER_PATHS }));

self.addEventListener('message', (event) => {
  const data: unknown = event.data;
  if (typeof data === 'object' && data !== null && 'type' in data && data.type === 'SKIP_WAITING') {
    void self.skipWaiting();
  }
});

let draining: Promise<void> | undefined;

self.addEventListener('sync', (event) => {
  const sync = event as SyncEvent;
  if (sync.tag !== DRAIN_TAG) return;
  draining ??= drain().finally(() => (draining = undefined));
  sync.waitUntil(draining);
});

/** Rejects when something is left: the browser then wakes us again after a while, a few times. */
async function drain(): Promise<void> {
  // Part of this file: without a network nothing could be fetched, and service workers may not import later anyway.
  const blocks = laterCodec(() =>
    Promise.resolve({ encode: (block, firstSeq) => encodeBlock(block, { firstSeq }), decode: decodeBlock }),
  );
  const writes: Promise<void>[] = [];
  const outcome = await drainInBackground(browserEdges(blocks, (written) => void writes.push(written)));
  // The browser may end this worker as soon as it is told that all is done; samples that are confirmed, and not yet
  // taken out of the log, would be sent again.
  await Promise.all(writes);
  if (outcome === 'later') throw new Error('samples are left to send');
}
