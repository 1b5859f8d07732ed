/** A value that can be watched. Cores are plain TypeScript; `ui/` adapts this to runes with `createSubscriber`. */

export interface Readable<T> {
  get(): T;
  /** Calls `listener` after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

export interface Store<T> extends Readable<T> {
  set(value: T): void;
}

/** A store holding `initial`. Setting the same value (by `Object.is`) tells nobody. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  // One entry per subscription: the same function may be subscribed twice, and each leaves on its own.
  const entries = new Set<{ readonly listener: () => void }>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      // Who joins while being told hears from the next change on; who was sent away meanwhile hears nothing.
      for (const entry of [...entries]) if (entries.has(entry)) entry.listener();
    },
    subscribe(listener) {
      const entry = { listener };
      entries.add(entry);
      return () => entries.delete(entry);
    },
  };
}
