/** One state of the app to look at. */
import type { ScriptedApp } from '../support/scripted-app.ts';

export interface Scene {
  readonly screen: 'sense' | 'pose' | 'watch' | 'settings';
  set(app: ScriptedApp, now: number): void;
  /**
   * Buttons and summaries to press once the screen is up, by their name; after the first one in the dialog, unless they
   * begin with `page: `. `Label = text` fills in a field.
   */
  readonly press?: readonly string[];
}
