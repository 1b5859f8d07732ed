/** Eight push buttons on the screen or under keys: `button`, its number and `press` or `release`. */
import { createStore, type Readable } from '../../lib/store.ts';
import { ok, type Result } from '../../model/result.ts';
import type { Source } from '../source.ts';
import { handSource } from './hand-source.ts';
import type { ButtonNumber } from './phone-types.ts';

export interface Buttons {
  readonly source: Source;
  /** Those that are down. */
  readonly held: Readable<readonly ButtonNumber[]>;
  /**
   * `source-off` while the source is off. Pressing what is down (a key that repeats, a second finger) and releasing what is
   * up record nothing: every press has one release.
   * @param at Unix ms
   */
  press(button: ButtonNumber, at: number): Result<void>;
  release(button: ButtonNumber, at: number): Result<void>;
  /** For when the hand cannot be seen any more: releases what is down, and nothing else. */
  releaseAll(at: number): void;
  readonly isOn: () => boolean;
}

export function createButtons(now: () => number): Buttons {
  const held = createStore<readonly ButtonNumber[]>([]);
  // What was down when the source went off is up when it comes back.
  const hand = handSource('buttons', 'button', now, { onStop: () => held.set([]) });

  function press(button: ButtonNumber, at: number): Result<void> {
    if (held.get().includes(button)) return ok(undefined);
    const recorded = hand.record({ value: button, event: 'press' }, at);
    if (recorded.ok) held.set([...held.get(), button]);
    return recorded;
  }

  function release(button: ButtonNumber, at: number): Result<void> {
    if (!held.get().includes(button)) return ok(undefined);
    held.set(held.get().filter((one) => one !== button));
    return hand.record({ value: button, event: 'release' }, at);
  }

  return {
    source: hand.source,
    isOn: hand.isOn,
    held,
    press,
    release,
    releaseAll: (at) => {
      for (const button of held.get()) release(button, at);
    },
  };
}
