/** Installing the app: Chromium offers an event, iOS wants a menu item, others have their own menu. */

/** Chromium's event; not in the DOM library. Source: WICG manifest-incubations, `BeforeInstallPromptEvent`. */
export interface InstallPromptEvent extends Event {
  prompt(): Promise<{ readonly outcome: 'accepted' | 'dismissed' }>;
}

export type InstallWay = 'installed' | 'button' | 'ios' | 'manual';

/** iPhone, iPod, and iPads which call themselves Macs but have touch. */
export function isIos(userAgent: string, maxTouchPoints: number): boolean {
  return /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
}

function isInstallPrompt(event: Event): event is InstallPromptEvent {
  return 'prompt' in event && typeof event.prompt === 'function';
}

export class InstallState {
  #way = $state<InstallWay>('manual');
  #event: InstallPromptEvent | undefined;

  get way(): InstallWay {
    return this.#way;
  }

  /** Listens for the browser's offer until `signal` aborts. Call early: the event comes once, soon after load. */
  follow(page: Window, signal: AbortSignal): void {
    const { userAgent, maxTouchPoints } = page.navigator;
    if (page.matchMedia('(display-mode: standalone)').matches) this.#way = 'installed';
    else if (isIos(userAgent, maxTouchPoints)) this.#way = 'ios';
    page.addEventListener(
      'beforeinstallprompt',
      (event) => {
        if (!isInstallPrompt(event)) return;
        // Without this the browser shows its own banner over the screen, maybe during a measurement.
        event.preventDefault();
        this.#event = event;
        this.#way = 'button';
      },
      { signal },
    );
    page.addEventListener('appinstalled', () => (this.#way = 'installed'), { signal });
  }

  /** Shows the browser's question. An event can be used once; after a refusal the menu remains. */
  async ask(): Promise<void> {
    const event = this.#event;
    if (event === undefined) return;
    this.#event = undefined;
    const { outcome } = await event.prompt();
    if (this.#way === 'button') this.#way = outcome === 'accepted' ? 'installed' : 'manual';
  }
}
