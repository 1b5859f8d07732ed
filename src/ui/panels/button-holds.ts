/** Who holds which push button: several fingers and keys may hold the same one, which is down until the last lets go. */
import type { ButtonNumber } from '../../app/api.ts';

export interface Holds {
  /** @param holder what holds it, e.g. `pointer 3`, `key Digit1` */
  hold(holder: string, button: ButtonNumber): void;
  free(holder: string): void;
  /** All holders of a kind let go, or all there are. */
  letGo(kind?: 'pointer' | 'key'): void;
}

export interface HoldsOutput {
  press(button: ButtonNumber): void;
  release(button: ButtonNumber): void;
}

export function createHolds(output: HoldsOutput): Holds {
  const held = new Map<string, ButtonNumber>();
  const isDown = (button: ButtonNumber): boolean => [...held.values()].includes(button);

  function free(holder: string): void {
    const button = held.get(holder);
    if (button === undefined) return;
    held.delete(holder);
    if (!isDown(button)) output.release(button);
  }

  return {
    hold(holder, button) {
      if (held.has(holder)) return;
      const down = isDown(button);
      held.set(holder, button);
      if (!down) output.press(button);
    },
    free,
    letGo(kind) {
      for (const holder of [...held.keys()]) if (kind === undefined || holder.startsWith(kind)) free(holder);
    },
  };
}
