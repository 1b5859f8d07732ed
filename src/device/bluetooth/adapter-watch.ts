/** Tells when the Bluetooth adapter comes or goes. */
import type { Timers } from '../../lib/timers.ts';

/** How often presence is asked for while somebody waits for it, ms. */
const POLL = 2000;

export interface AdapterWatch {
  /** Reports what is found out elsewhere (the browser's own event, where it has one). */
  tell(on: boolean): void;
  listen(listener: (on: boolean) => void, signal: AbortSignal): void;
}

/**
 * Asks `available` every two seconds as long as there is a listener: Chromium specifies an `availabilitychanged` event
 * but (measured with 156) does not have it.
 */
export function createAdapterWatch(available: () => Promise<boolean>, timers: Timers): AdapterWatch {
  const listeners = new Set<(on: boolean) => void>();
  let known: boolean | undefined;
  let polling = false;

  const tell = (on: boolean): void => {
    if (known === on) return;
    const first = known === undefined;
    known = on;
    // The first answer is no change, unless it is bad news: whoever listens assumes an adapter.
    if (first && on) return;
    for (const listener of [...listeners]) listener(on);
  };
  const poll = async (): Promise<void> => {
    // An error here says nothing about the adapter; the next round asks again.
    const on = await available().catch(() => known ?? true);
    if (listeners.size > 0) tell(on);
    if (listeners.size > 0) timers.after(POLL, () => void poll());
    else polling = false;
  };

  return {
    tell,
    listen(listener, signal) {
      if (signal.aborted) return;
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
      if (known === false) listener(false);
      if (polling) return;
      polling = true;
      void poll();
    },
  };
}
