/** Closing with unsent samples is asked about; closing without is not. */
import { describe, expect, it } from 'vitest';
import { createStore } from '../../../../src/lib/store.ts';
import { guardUnload } from '../../../../src/ui/state/unload-guard.ts';
import type { WorkerStatus } from '../../../../src/app/api.ts';
import { IDLE_STATUS } from '../../../support/scripted-app.ts';

const status = (kept: number, kind: 'durable' | 'memory' = 'durable'): WorkerStatus => ({
  ...IDLE_STATUS,
  totals: { ...IDLE_STATUS.totals, kept },
  storage: { ...IDLE_STATUS.storage, kind },
});

/** True if the page would be asked about. */
function asks(): boolean {
  return !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
}

describe('closing the page', () => {
  it('asks exactly while something is unsent, wherever it is kept', () => {
    const store = createStore(status(0));
    const ending = new AbortController();
    guardUnload(window, store, ending.signal);
    expect(asks()).toBe(false);
    for (const kind of ['durable', 'memory'] as const) {
      store.set(status(1, kind));
      expect(asks(), kind).toBe(true);
      store.set(status(2, kind));
      expect(asks(), kind).toBe(true);
      store.set(status(0, kind));
      expect(asks(), kind).toBe(false);
    }
    store.set(status(1));
    ending.abort();
    expect(asks(), 'after the app is gone').toBe(false);
    store.set(status(2));
    expect(asks()).toBe(false);
  });

  it('asks from the start for what an earlier visit left', () => {
    const ending = new AbortController();
    guardUnload(window, createStore(status(7)), ending.signal);
    expect(asks()).toBe(true);
    ending.abort();
  });
});
