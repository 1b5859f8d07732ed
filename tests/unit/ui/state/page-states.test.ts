/** Wake lock, installation and updates against small stand-ins of the browser's objects (jsdom has none of them). */
import { describe, expect, it, vi } from 'vitest';
import { InstallState } from '../../../../src/ui/state/install.svelte.ts';
import type { Preferences } from '../../../../src/ui/state/preferences.ts';
import { registerServiceWorker, UpdateState } from '../../../../src/ui/state/pwa.svelte.ts';
import { WakeLockState } from '../../../../src/ui/state/wake-lock.svelte.ts';

function memoryPreferences(): Preferences {
  const map = new Map<string, string>();
  return { read: (key) => map.get(key), write: (key, value) => map.set(key, value).size > 0 };
}

function scriptedWakeLock() {
  const log: string[] = [];
  let refuse = false;
  return {
    log,
    refuseNext: () => (refuse = true),
    request: (type: 'screen') => {
      log.push(`request ${type}`);
      if (refuse) {
        refuse = false;
        return Promise.reject(new DOMException('hidden', 'NotAllowedError'));
      }
      return Promise.resolve({ release: () => Promise.resolve(void log.push('release')) });
    },
  };
}

/** Lets queued steps run. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('the wake lock', () => {
  it('is held exactly while something streams', async () => {
    const api = scriptedWakeLock();
    const lock = new WakeLockState(api, memoryPreferences());
    lock.want(true);
    lock.want(true);
    await settle();
    expect(api.log).toEqual(['request screen']);
    expect(lock.status).toBe('on');
    lock.want(false);
    await settle();
    expect(api.log).toEqual(['request screen', 'release']);
  });

  it('ends at the latest wish, however fast the wishes change', async () => {
    const api = scriptedWakeLock();
    const lock = new WakeLockState(api, memoryPreferences());
    lock.want(true);
    lock.want(false);
    lock.want(true);
    lock.want(false);
    await settle();
    expect(lock.status).toBe('off');
    expect(api.log.filter((entry) => entry === 'release')).toHaveLength(
      api.log.filter((entry) => entry !== 'release').length,
    );
  });

  it('asks again when the page shows, as hiding takes the lock away', async () => {
    const api = scriptedWakeLock();
    const ending = new AbortController();
    const lock = new WakeLockState(api, memoryPreferences());
    lock.follow(document, ending.signal);
    lock.want(true);
    await settle();
    document.dispatchEvent(new Event('visibilitychange'));
    await settle();
    expect(api.log).toEqual(['request screen', 'request screen']);
    ending.abort();
    await settle();
    expect(api.log.at(-1)).toBe('release');
  });

  it('says when it was refused, and tries again later', async () => {
    const api = scriptedWakeLock();
    const lock = new WakeLockState(api, memoryPreferences());
    api.refuseNext();
    lock.want(true);
    await settle();
    expect(lock.status).toBe('refused');
    lock.setEnabled(true);
    await settle();
    expect(lock.status).toBe('on');
  });

  it('can be switched off, which is remembered', async () => {
    const api = scriptedWakeLock();
    const preferences = memoryPreferences();
    new WakeLockState(api, preferences).setEnabled(false);
    const next = new WakeLockState(api, preferences);
    next.want(true);
    await settle();
    expect(next.enabled).toBe(false);
    expect(api.log).toEqual([]);
    expect(new WakeLockState(undefined, preferences).status).toBe('unsupported');
  });
});

function page(standalone: boolean, userAgent: string) {
  const target = new EventTarget();
  return Object.assign(target, {
    navigator: { userAgent, maxTouchPoints: 0 },
    matchMedia: () => ({ matches: standalone }),
  }) as unknown as Window & EventTarget;
}

describe('installing', () => {
  it('offers a button once the browser does, and the menu after a refusal', async () => {
    const window = page(false, 'Chrome');
    const install = new InstallState();
    install.follow(window, new AbortController().signal);
    expect(install.way).toBe('manual');
    const offer = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
      prompt: () => Promise.resolve({ outcome: 'dismissed' as const }),
    });
    window.dispatchEvent(offer);
    expect(offer.defaultPrevented).toBe(true);
    expect(install.way).toBe('button');
    await install.ask();
    expect(install.way).toBe('manual');
    await install.ask();
    window.dispatchEvent(new Event('appinstalled'));
    expect(install.way).toBe('installed');
  });

  it('knows iOS and an app that is already installed', () => {
    const { signal } = new AbortController();
    const ios = new InstallState();
    ios.follow(page(false, 'iPhone'), signal);
    expect(ios.way).toBe('ios');
    const installed = new InstallState();
    installed.follow(page(true, 'iPhone'), signal);
    expect(installed.way).toBe('installed');
  });
});

function scriptedRegistration() {
  const posted: unknown[] = [];
  const worker = Object.assign(new EventTarget(), {
    state: 'installing',
    postMessage: (data: unknown) => posted.push(data),
  });
  const registration = Object.assign(new EventTarget(), {
    waiting: null,
    installing: worker,
    update: () => Promise.resolve(),
  });
  return {
    posted,
    worker,
    registration: registration as unknown as ServiceWorkerRegistration & EventTarget,
    install() {
      registration.dispatchEvent(new Event('updatefound'));
      worker.state = 'installed';
      worker.dispatchEvent(new Event('statechange'));
    },
  };
}

describe('updates', () => {
  it('are offered only while nothing streams, and never load by themselves', () => {
    const reload = vi.fn();
    const update = new UpdateState(reload);
    const script = scriptedRegistration();
    update.followRegistration(script.registration, () => true, new AbortController().signal);
    expect(update.offer(false)).toBeUndefined();
    script.install();
    expect(update.offer(true)).toBeUndefined();
    expect(update.offer(false)).toBe('new-version');
    expect(reload).not.toHaveBeenCalled();
    expect(script.posted).toEqual([]);
  });

  it('reload once the new version has taken over', () => {
    const reload = vi.fn();
    const update = new UpdateState(reload);
    const script = scriptedRegistration();
    update.followRegistration(script.registration, () => true, new AbortController().signal);
    script.install();
    const container = new EventTarget() as unknown as ServiceWorkerContainer & EventTarget;
    update.apply(container);
    expect(script.posted).toEqual([{ type: 'SKIP_WAITING' }]);
    expect(reload).not.toHaveBeenCalled();
    container.dispatchEvent(new Event('controllerchange'));
    expect(reload).toHaveBeenCalledOnce();
  });

  it('do not mistake the first installation for an update', () => {
    const update = new UpdateState(() => undefined);
    const script = scriptedRegistration();
    update.followRegistration(script.registration, () => false, new AbortController().signal);
    script.install();
    expect(update.offer(false)).toBeUndefined();
  });

  it('can wait, and speak up when a part of the app is missing', () => {
    const update = new UpdateState(() => undefined);
    const script = scriptedRegistration();
    update.followRegistration(script.registration, () => true, new AbortController().signal);
    update.followPreloadErrors(window, new AbortController().signal);
    script.install();
    update.later();
    expect(update.offer(false)).toBeUndefined();
    window.dispatchEvent(new Event('vite:preloadError'));
    expect(update.offer(false)).toBe('broken-part');
  });

  it('live without a service worker', async () => {
    const update = new UpdateState(() => undefined);
    const { signal } = new AbortController();
    expect(await registerServiceWorker(undefined, update, signal)).toBe(false);
    const refusing = { register: () => Promise.reject(new DOMException('no')) } as unknown as ServiceWorkerContainer;
    expect(await registerServiceWorker(refusing, update, signal)).toBe(false);
  });
});
