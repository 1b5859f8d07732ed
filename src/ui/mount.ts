/** Puts the screens on the page: builds the page's own states and mounts the root component. */
import { mount, unmount } from 'svelte';
import type { SensoctoApp } from '../app/api.ts';
import App from './App.svelte';
import './tokens.css';
import './base.css';
import { InstallState } from './state/install.svelte.ts';
import { LocaleState } from './state/locale.svelte.ts';
import { makePreferences } from './state/preferences.ts';
import { registerServiceWorker, UpdateState } from './state/pwa.svelte.ts';
import { RouteState } from './state/route.svelte.ts';
import { ThemeState } from './state/theme.svelte.ts';
import { guardUnload } from './state/unload-guard.ts';
import { WakeLockState } from './state/wake-lock.svelte.ts';

/**
 * Mounts the app's screens into `target`. Returns a function that removes them and every listener.
 * The service worker is registered in production builds only: in development it would serve yesterday's code.
 */
export function mountApp(target: HTMLElement, app: SensoctoApp): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  const preferences = makePreferences(() => localStorage);
  const screen = {
    app,
    locale: new LocaleState(),
    route: new RouteState(),
    theme: new ThemeState(preferences, document.documentElement),
    wakeLock: new WakeLockState('wakeLock' in navigator ? navigator.wakeLock : undefined, preferences),
    install: new InstallState(),
    update: new UpdateState(() => location.reload()),
  };
  screen.route.follow(window, signal);
  screen.install.follow(window, signal);
  screen.wakeLock.follow(document, signal);
  screen.update.followPreloadErrors(window, signal);
  guardUnload(window, app.status, signal);
  void screen.locale.chooseFor(navigator.languages);
  if (import.meta.env.PROD && 'serviceWorker' in navigator) {
    void registerServiceWorker(navigator.serviceWorker, screen.update, signal);
    // Not part of the first load. Should it fail, what waits is sent when the app is open again.
    import('./state/wake-up.ts').then(
      ({ wakeForUnsent }) => wakeForUnsent(navigator.serviceWorker, window, app.status, signal),
      () => undefined,
    );
  }
  const root = mount(App, { target, props: { screen } });
  return () => {
    ending.abort();
    void unmount(root);
  };
}
