/**
 * The service worker's registration and its updates. A new version waits until a person asks for it; while something
 * streams it is not even offered, and nothing here reloads the page unasked.
 */

export type UpdateReason = 'new-version' | 'broken-part';

export class UpdateState {
  #reason = $state<UpdateReason>();
  #dismissed = $state(false);
  #waiting: ServiceWorker | undefined;
  readonly #reload: () => void;

  constructor(reload: () => void) {
    this.#reload = reload;
  }

  /** Why a reload is worth while; undefined when it is not, or not now. */
  offer(streaming: boolean): UpdateReason | undefined {
    return streaming || this.#dismissed ? undefined : this.#reason;
  }

  later(): void {
    this.#dismissed = true;
  }

  /** The person said yes: lets the waiting version take over, then reloads. */
  apply(container: ServiceWorkerContainer | undefined): void {
    if (this.#waiting === undefined || container === undefined) {
      this.#reload();
      return;
    }
    container.addEventListener('controllerchange', () => this.#reload(), { once: true });
    this.#waiting.postMessage({ type: 'SKIP_WAITING' });
  }

  /**
   * A hashed file of an older version is gone from the server: say so instead of failing silently.
   * Vite's event would otherwise rethrow; its default stays in place, so the caller of the import sees the error too.
   */
  followPreloadErrors(page: Window, signal: AbortSignal): void {
    page.addEventListener(
      'vite:preloadError',
      () => {
        this.#reason = 'broken-part';
        this.#dismissed = false;
      },
      { signal },
    );
  }

  /** Watches a registration for a version that is installed and waits. */
  followRegistration(registration: ServiceWorkerRegistration, controlled: () => boolean, signal: AbortSignal): void {
    const offerWaiting = (worker: ServiceWorker | null): void => {
      // The very first installation is not an update: nothing controls the page yet.
      if (worker === null || !controlled()) return;
      this.#waiting = worker;
      this.#reason = 'new-version';
      this.#dismissed = false;
    };
    offerWaiting(registration.waiting);
    registration.addEventListener(
      'updatefound',
      () => {
        const installing = registration.installing;
        installing?.addEventListener(
          'statechange',
          () => {
            if (installing.state === 'installed') offerWaiting(installing);
          },
          { signal },
        );
      },
      { signal },
    );
  }
}

/** How often a page that stays open for days asks for a new version, ms. */
const UPDATE_CHECK = 60 * 60 * 1000;

/**
 * Registers the service worker and watches it. Without one (private window, old browser) the app works, only not
 * offline; the promise then says false.
 */
export async function registerServiceWorker(
  container: ServiceWorkerContainer | undefined,
  update: UpdateState,
  signal: AbortSignal,
): Promise<boolean> {
  if (container === undefined) return false;
  try {
    const registration = await container.register('/sw.js', { scope: '/' });
    if (signal.aborted) return false;
    update.followRegistration(registration, () => container.controller !== null, signal);
    const timer = setInterval(() => {
      // Offline the check fails; the next hour asks again.
      registration.update().catch(() => false);
    }, UPDATE_CHECK);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    return true;
  } catch {
    // Refused by the browser: answered by `false`.
    return false;
  }
}
