/** Light, dark, or as the system says. The tokens do the rest through `color-scheme` and `light-dark()`. */
import type { Preferences } from './preferences.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export class ThemeState {
  #choice = $state<Theme>('system');
  readonly #preferences: Preferences;
  readonly #root: HTMLElement;

  /** @param root the element whose `data-theme` the style sheet reads: `<html>` */
  constructor(preferences: Preferences, root: HTMLElement) {
    this.#preferences = preferences;
    this.#root = root;
    const stored = preferences.read('sensocto.theme');
    this.#choice = THEMES.find((theme) => theme === stored) ?? 'system';
    this.#apply();
  }

  get choice(): Theme {
    return this.#choice;
  }

  choose(theme: Theme): void {
    this.#choice = theme;
    this.#preferences.write('sensocto.theme', theme);
    this.#apply();
  }

  #apply(): void {
    if (this.#choice === 'system') delete this.#root.dataset['theme'];
    else this.#root.dataset['theme'] = this.#choice;
  }
}
