/** Web Locks for Node: exclusive locks, waiting in turn, aborting, stealing, and what the browser does when a tab ends. */
import type { Locks } from '../../workers/sensor/tabs/ports.ts';

interface Holder {
  readonly client: object;
  readonly reject: (error: DOMException) => void;
}

interface Waiter {
  readonly client: object;
  readonly grant: () => void;
  readonly reject: (error: DOMException) => void;
}

interface Lock {
  holder: Holder | undefined;
  readonly queue: Waiter[];
}

/** The locks of one tab. */
export interface TabLocks extends Locks {
  /** The tab is gone: all its locks are free and its requests forgotten; none of its promises settles any more. */
  die(): void;
}

export class LockManager {
  readonly #locks = new Map<string, Lock>();

  /** True while somebody holds it. */
  isHeld(name: string): boolean {
    return this.#locks.get(name)?.holder !== undefined;
  }

  /** A tab that shares these locks. */
  client(): TabLocks {
    const client = {};
    return {
      request: (name, options, held) => this.#request(client, name, options, held),
      die: () => this.#die(client),
    };
  }

  #request(client: object, name: string, options: Parameters<Locks['request']>[1], held: () => Promise<void>) {
    const lock = this.#locks.get(name) ?? { holder: undefined, queue: [] };
    this.#locks.set(name, lock);
    return new Promise<void>((resolve, reject) => {
      const { signal, steal } = options;
      if (signal?.aborted) return reject(aborted());
      const waiter: Waiter = { client, reject, grant: () => this.#grant(lock, { client, reject }, held, resolve) };
      if (steal) {
        const robbed = lock.holder;
        waiter.grant();
        robbed?.reject(aborted());
        return;
      }
      lock.queue.push(waiter);
      signal?.addEventListener('abort', () => {
        const at = lock.queue.indexOf(waiter);
        if (at === -1) return;
        lock.queue.splice(at, 1);
        reject(aborted());
      });
      this.#next(lock);
    });
  }

  #grant(lock: Lock, holder: Holder, held: () => Promise<void>, resolve: () => void): void {
    lock.holder = holder;
    // As in a browser, the callback runs in a turn of its own.
    queueMicrotask(() => {
      void held().then(() => {
        resolve();
        if (lock.holder !== holder) return;
        lock.holder = undefined;
        this.#next(lock);
      });
    });
  }

  #next(lock: Lock): void {
    if (lock.holder === undefined) lock.queue.shift()?.grant();
  }

  #die(client: object): void {
    for (const lock of this.#locks.values()) {
      for (const waiter of lock.queue.filter((one) => one.client === client)) {
        lock.queue.splice(lock.queue.indexOf(waiter), 1);
      }
      if (lock.holder?.client !== client) continue;
      lock.holder = undefined;
      this.#next(lock);
    }
  }
}

function aborted(): DOMException {
  return new DOMException('the lock request ended', 'AbortError');
}
