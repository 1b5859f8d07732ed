/**
 * Mounts the real root component over a scripted app in jsdom. What jsdom lacks is filled in with the least that lets
 * the components run: nothing here draws or scrolls; the real browser suites cover that.
 */
import { cleanup, configure, render } from '@testing-library/svelte';
import { vi } from 'vitest';
import App from '../../../../src/ui/App.svelte';
// What the app loads later is loaded here before, so that tests need not guess how long compiling takes.
import '../../../../src/ui/panels/CommandDialog.svelte';
import '../../../../src/ui/panels/CommandSummary.svelte';
import '../../../../src/ui/panels/DemoDialog.svelte';
import '../../../../src/ui/panels/MoreWays.svelte';
import '../../../../src/ui/panels/PairBudget.svelte';
import '../../../../src/ui/panels/PhoneDialog.svelte';
import '../../../../src/ui/parts/StopButton.svelte';
import '../../../../src/ui/panels/DeliveryDialog.svelte';
import '../../../../src/ui/panels/DeviceCard.svelte';
import '../../../../src/ui/panels/DeviceList.svelte';
import '../../../../src/ui/panels/DeviceDetails.svelte';
import '../../../../src/ui/panels/RenameDialog.svelte';
import '../../../../src/ui/panels/SignInDialog.svelte';
import '../../../../src/ui/panels/SkeletonView.svelte';
import '../../../../src/ui/views/Settings.svelte';
import '../../../../src/ui/views/Watch.svelte';
import { enErrors } from '../../../../src/i18n/en-errors.ts';
import { en } from '../../../../src/i18n/en.ts';
import { InstallState } from '../../../../src/ui/state/install.svelte.ts';
import { LocaleState } from '../../../../src/ui/state/locale.svelte.ts';
import { UpdateState } from '../../../../src/ui/state/pwa.svelte.ts';
import { RouteState } from '../../../../src/ui/state/route.svelte.ts';
import type { Route } from '../../../../src/ui/state/route.svelte.ts';
import { ThemeState } from '../../../../src/ui/state/theme.svelte.ts';
import { WakeLockState } from '../../../../src/ui/state/wake-lock.svelte.ts';
import { createScriptedApp } from '../../../support/scripted-app.ts';
import type { ScriptedApp } from '../../../support/scripted-app.ts';

/** Observers that never report: everything is "not on the screen", so no canvas draws. */
class SilentObserver {
  observe(): void {
    this.observed += 1;
  }
  unobserve(): void {
    this.observed -= 1;
  }
  disconnect(): void {
    this.observed = 0;
  }
  observed = 0;
}

/** Failures name what was not found; the whole page as text helps nobody. */
configure({ getElementError: (message) => new Error(message ?? 'not found') });

function fillIn(): void {
  vi.stubGlobal('IntersectionObserver', SilentObserver);
  vi.stubGlobal('ResizeObserver', SilentObserver);
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
  vi.stubGlobal('scrollTo', () => undefined);
  HTMLCanvasElement.prototype.getContext = () => null;
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
    this.dispatchEvent(new Event('close'));
  };
  HTMLElement.prototype.hidePopover ??= () => undefined;
}

export const NOW = 1_700_000_000_000;

export interface Shown {
  readonly app: ScriptedApp;
  readonly update: UpdateState;
  readonly reloads: { count: number };
}

/** Shows a screen in place of the one before. `set` prepares the scripted app before the first paint. */
export function show(route: Route, set: (app: ScriptedApp) => void = () => undefined): Shown {
  cleanup();
  fillIn();
  window.location.hash = `#/${route}`;
  const { signal } = new AbortController();
  const app = createScriptedApp(NOW);
  set(app);
  const preferences = { read: () => undefined, write: () => true };
  const reloads = { count: 0 };
  const screen = {
    app,
    locale: new LocaleState({ ...en, errors: enErrors }),
    route: new RouteState(),
    theme: new ThemeState(preferences, document.documentElement),
    wakeLock: new WakeLockState(undefined, preferences),
    install: new InstallState(),
    update: new UpdateState(() => (reloads.count += 1)),
  };
  screen.route.follow(window, signal);
  screen.update.followPreloadErrors(window, signal);
  render(App, { screen });
  return { app, update: screen.update, reloads };
}
