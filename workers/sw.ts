/**
 * The service worker: keeps the app's files so that it starts without a network, and sends what waits when the browser
 * wakes it for that. It never answers for the server's routes, and a new version waits until the page asks for it (a
 * reload in the middle of a measurement would cut it).
 */
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { DRAIN_TAG, KEEP_LATER } from '../src/model/background.ts';
import { LaterFiles } from './later-files.ts';

declare const self: ServiceWorkerGlobalScope & {
  /** Made by the script of `sensor/background.ts`, once it was imported. */
  readonly sensoctoBackground?: { drain(): Promise<void> };
};

/** Background Sync, which TypeScript's library does not have. */
interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

/** Paths that belong to the server, also when they are opened as pages. */
const SERVER_PATHS = [/^\/(api|socket|auth|health|bridge|lan|models)(\/|$)/];

const urlOf = (file: string | { readonly url: string }): string => (typeof file === 'string' ? file : file.url);
const isBackground = (url: string): boolean => url.includes('assets/background/');
/** The pose worker with its runtime: only for those who use the camera. */
const isLater = (url: string): boolean => url.includes('assets/pose-worker-');

const files = self.__WB_MANIFEST;
const background = files.map(urlOf).find(isBackground);
const later = new LaterFiles(
  caches,
  (...request) => fetch(...request),
  files
    .map(urlOf)
    .filter(isLater)
    .map((url) => new URL(url, self.location.href).href),
);

// Imported scripts are kept with the service worker itself.
precacheAndRoute(files.filter((file) => !isBackground(urlOf(file)) && !isLater(urlOf(file))));
cleanupOutdatedCaches();
registerRoute(
  ({ url }) => later.has(url.href),
  ({ request }) => later.answer(request),
);
self.addEventListener('activate', (event) => event.waitUntil(later.removeOthers()));
registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: SERVER_PATHS }));

self.addEventListener('message', (event) => {
  const data: unknown = event.data;
  if (typeof data !== 'object' || data === null || !('type' in data)) return;
  if (data.type === 'SKIP_WAITING') void self.skipWaiting();
  if (data.type === KEEP_LATER.type) event.waitUntil(later.keepAll());
});

/** Only what was imported while installing can be imported later: without a network, as without an open page. */
function importBackground(): void {
  if (background !== undefined && 'sync' in self.registration) self.importScripts(background);
}

self.addEventListener('install', importBackground);

let draining: Promise<void> | undefined;

self.addEventListener('sync', (event) => {
  const sync = event as SyncEvent;
  if (sync.tag !== DRAIN_TAG) return;
  if (!self.sensoctoBackground) importBackground();
  draining ??= self.sensoctoBackground?.drain().finally(() => (draining = undefined));
  if (draining) sync.waitUntil(draining);
});
