/**
 * Asks the browser to wake the service worker as soon as there is a network, where browsers can (Background Sync: Chrome
 * and Edge). Asked while samples wait and the server is away, and when a page with unsent samples goes out of sight,
 * which may be the last that is heard of it. Elsewhere they are sent when the app is open again.
 */
import type { Readable, WorkerStatus } from '../../app/api.ts';
import { DRAIN_TAG } from '../../model/background.ts';

/** Background Sync, which TypeScript's library does not have. */
interface SyncRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

/** Follows status and page until `signal` aborts. */
export function wakeForUnsent(
  container: { readonly ready: Promise<object> },
  page: Window,
  status: Readable<WorkerStatus>,
  signal: AbortSignal,
): void {
  let registration: SyncRegistration | undefined;
  let away = false;
  const unsent = (): boolean => status.get().totals.kept > 0;
  const ask = (): void => {
    // Refused by the person or the browser: what waits is sent when the app is open again.
    registration?.sync?.register(DRAIN_TAG).catch(() => undefined);
  };
  const follow = (): void => {
    const before = away;
    away = unsent() && registration !== undefined && isAway(status.get());
    if (away && !before) ask();
  };
  const leaving = (): void => {
    if (unsent()) ask();
  };
  const stop = status.subscribe(follow);
  signal.addEventListener('abort', stop, { once: true });
  page.addEventListener('pagehide', leaving, { signal });
  page.document.addEventListener(
    'visibilitychange',
    () => {
      if (page.document.visibilityState === 'hidden') leaving();
    },
    { signal },
  );
  void container.ready.then((ready: SyncRegistration) => {
    registration = ready;
    if (!signal.aborted) follow();
  });
}

function isAway({ connection: { at } }: WorkerStatus): boolean {
  return at === 'reconnecting' || at === 'offline';
}
