/** One action at a time, and what came of it: for buttons that wait and for the notice beside them. */
import { untrack } from 'svelte';
import type { AppError } from '../../../model/errors.ts';
import type { Result } from '../../../model/result.ts';

export class Acting {
  #running = $state(0);
  #failure = $state.raw<AppError>();

  get busy(): boolean {
    return this.#running > 0;
  }

  /** Why the latest action did not work. */
  get failure(): AppError | undefined {
    return this.#failure;
  }

  dismiss(): void {
    this.#failure = undefined;
  }

  /** Waits for an action; true if it worked. */
  readonly run = async (action: Promise<Result<void>>): Promise<boolean> => {
    untrack(() => (this.#running += 1));
    this.#failure = undefined;
    const result = await action;
    this.#running -= 1;
    this.#failure = result.ok ? undefined : result.error;
    return result.ok;
  };
}
