import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WorkerStatus } from '../../../../src/app/api.ts';
import { wakeForUnsent } from '../../../../src/ui/state/wake-up.ts';

type Facts = { readonly kept: number; readonly at: WorkerStatus['connection']['at'] };

function scene(sync: { register: (tag: string) => Promise<void> } | undefined) {
  let status = facts({ kept: 0, at: 'connected' });
  const listeners = new Set<() => void>();
  const ending = new AbortController();
  const page = Object.assign(new EventTarget(), {
    document: Object.assign(new EventTarget(), { visibilityState: 'visible' }),
  });
  const readable = {
    get: () => status,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  wakeForUnsent(
    { ready: Promise.resolve({ ...(sync && { sync }) }) },
    page as unknown as Window,
    readable,
    ending.signal,
  );
  return {
    page,
    ending,
    listeners,
    show(next: Facts) {
      status = facts(next);
      for (const listener of listeners) listener();
    },
  };
}

/** The two facts that count here. */
function facts({ kept, at }: Facts): WorkerStatus {
  return { totals: { kept }, connection: { at } } as unknown as WorkerStatus;
}

const register = vi.fn((_tag: string) => Promise.resolve());
beforeEach(() => void register.mockClear());

describe('the wake-up', () => {
  it('is asked for once when samples wait and the server goes away, and again the next time', async () => {
    const { show } = scene({ register });
    await Promise.resolve();
    show({ kept: 3, at: 'connected' });
    show({ kept: 0, at: 'offline' });
    expect(register).not.toHaveBeenCalled();
    show({ kept: 1, at: 'offline' });
    show({ kept: 2, at: 'reconnecting' });
    expect(register.mock.calls).toEqual([['drain']]);
    show({ kept: 2, at: 'connected' });
    show({ kept: 2, at: 'reconnecting' });
    expect(register).toHaveBeenCalledTimes(2);
  });

  it('is asked for when the server was away before the service worker was there', async () => {
    const { show } = scene({ register });
    show({ kept: 1, at: 'offline' });
    expect(register).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(register).toHaveBeenCalledTimes(1);
  });

  it('is asked for by a page that goes with something unsent, and by no other', async () => {
    const { page, show } = scene({ register });
    await Promise.resolve();
    page.dispatchEvent(new Event('pagehide'));
    expect(register).not.toHaveBeenCalled();
    show({ kept: 4, at: 'connected' });
    page.document.dispatchEvent(new Event('visibilitychange'));
    expect(register).not.toHaveBeenCalled();
    page.document.visibilityState = 'hidden';
    page.document.dispatchEvent(new Event('visibilitychange'));
    page.dispatchEvent(new Event('pagehide'));
    expect(register).toHaveBeenCalledTimes(2);
  });

  it('may be refused, or not exist', async () => {
    const refused = vi.fn(() => Promise.reject(new DOMException('no', 'NotAllowedError')));
    for (const sync of [{ register: refused }, undefined]) {
      const { show, page } = scene(sync);
      await Promise.resolve();
      show({ kept: 1, at: 'offline' });
      page.dispatchEvent(new Event('pagehide'));
      await Promise.resolve();
    }
    expect(refused).toHaveBeenCalledTimes(2);
  });

  it('ends with the screens', async () => {
    const { page, show, ending, listeners } = scene({ register });
    await Promise.resolve();
    ending.abort();
    expect(listeners.size).toBe(0);
    show({ kept: 1, at: 'offline' });
    page.dispatchEvent(new Event('pagehide'));
    expect(register).not.toHaveBeenCalled();
  });
});
