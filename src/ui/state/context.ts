/** What every component may reach: the app, the messages, and the page's own states. */
import { createContext } from 'svelte';
import type { SensoctoApp } from '../../app/api.ts';
import type { LocaleState } from './locale.svelte.ts';
import type { InstallState } from './install.svelte.ts';
import type { UpdateState } from './pwa.svelte.ts';
import type { RouteState } from './route.svelte.ts';
import type { ThemeState } from './theme.svelte.ts';
import type { WakeLockState } from './wake-lock.svelte.ts';

export interface Screen {
  readonly app: SensoctoApp;
  readonly locale: LocaleState;
  readonly route: RouteState;
  readonly theme: ThemeState;
  readonly wakeLock: WakeLockState;
  readonly install: InstallState;
  readonly update: UpdateState;
}

export const [useScreen, provideScreen] = createContext<Screen>();
