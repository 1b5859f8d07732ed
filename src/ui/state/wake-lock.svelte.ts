/**
 * Keeps the screen on while something streams: browsers stop Bluetooth and timers behind a dark screen. The system
 * takes the lock away whenever the page is hidden, so it is asked for again each time the page shows.
 */
import type { Preferences } from './preferences.ts';

/** The part of `navigator.wakeLock` used here; absent in older browsers. */
export interface WakeLockApi {
  request(type: 'screen'): Promise<{ release(): Promise<void> }>;
}

export type WakeLockStatus = 'unsupported' | 'off' | 'on' | 'refused';

export class WakeLockState {
  #enabled = $state(true);
  #status = $state<WakeLockStatus>('off');
  #wanted = false;
  #sentinel: { release(): Promise<void> } | undefined;
  /** One request at a time; the next one starts from the latest wish. */
  #turn: Promise<void> = Promise.resolve();
  readonly #api: WakeLockApi | undefined;
  readonly #preferences: Preferences;

  constructor(api: WakeLockApi | undefined, preferences: Preferences) {
    this.#api = api;
    this.#preferences = preferences;
    this.#enabled = preferences.read('sensocto.wake-lock') !== 'off';
    if (api === undefined) this.#status = 'unsupported';
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  get status(): WakeLockStatus {
    return this.#status;
  }

  setEnabled(enabled: boolean): void {
    this.#enabled = enabled;
    this.#preferences.write('sensocto.wake-lock', enabled ? 'on' : 'off');
    this.#reconcile();
  }

  /** Says whether something streams now. */
  want(streaming: boolean): void {
    if (streaming === this.#wanted) return;
    this.#wanted = streaming;
    this.#reconcile();
  }

  /** Asks again when the page shows, until `signal` aborts; then lets go. */
  follow(page: Document, signal: AbortSignal): void {
    page.addEventListener(
      'visibilitychange',
      () => {
        if (page.visibilityState !== 'visible') return;
        this.#sentinel = undefined;
        this.#reconcile();
      },
      { signal },
    );
    signal.addEventListener('abort', () => this.want(false), { once: true });
  }

  #reconcile(): void {
    this.#turn = this.#turn.then(() => this.#step());
  }

  async #step(): Promise<void> {
    if (this.#api === undefined) return;
    const hold = this.#wanted && this.#enabled;
    if (hold === (this.#sentinel !== undefined)) return;
    try {
      if (hold) {
        this.#sentinel = await this.#api.request('screen');
        this.#status = 'on';
      } else {
        await this.#sentinel?.release();
        this.#sentinel = undefined;
        this.#status = 'off';
      }
    } catch {
      // Hidden page, low battery or a policy: the browser decides. Shown in Settings; asked again when the page shows.
      this.#sentinel = undefined;
      this.#status = hold ? 'refused' : 'off';
    }
  }
}
