/** The bridge from plain readables to runes: reading `current` in a component makes it follow. */
import { createSubscriber } from 'svelte/reactivity';
import type { Readable } from '../../app/api.ts';

export interface Followed<T> {
  readonly current: T;
}

/** Follows a readable. Subscribes only while something on the screen reads it. */
export function follow<T>(source: Readable<T>): Followed<T> {
  const track = createSubscriber((update) => source.subscribe(update));
  return {
    get current() {
      track();
      return source.get();
    },
  };
}
