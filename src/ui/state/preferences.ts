/**
 * Small choices about the screen, in localStorage. Not for health data. Where the browser refuses storage (private
 * window, blocked cookies) a choice lasts as long as the page: `write` says so by its return value.
 */

export type PreferenceKey = 'sensocto.theme' | 'sensocto.wake-lock';

export interface Preferences {
  read(key: PreferenceKey): string | undefined;
  /** Stores a choice; false if it will be gone with the page. */
  write(key: PreferenceKey, value: string): boolean;
}

/** Preferences over a storage; `open` is called at each use, as merely touching `localStorage` can throw. */
export function makePreferences(open: () => Storage): Preferences {
  return {
    read(key) {
      try {
        return open().getItem(key) ?? undefined;
      } catch {
        // Storage is refused here: the same as nothing stored.
        return undefined;
      }
    },
    write(key, value) {
      try {
        open().setItem(key, value);
        return true;
      } catch {
        // Refused or full: the caller keeps the choice in memory.
        return false;
      }
    },
  };
}
