/** A landmarker that is made anew after it threw: one exception breaks its graph for good. */
import { appError, describeThrown } from '../../src/model/errors.ts';
import { fail, ok, type Result } from '../../src/model/result.ts';

interface Landmarker {
  spent(): boolean;
  close(): void;
}

export class Renewing<L extends Landmarker> {
  readonly #open: () => Promise<Result<L>>;
  #landmarker: L | undefined;
  #failures = 0;

  /** @param open makes one; called when one is needed and there is none */
  constructor(open: () => Promise<Result<L>>) {
    this.#open = open;
  }

  /** How often it could not be made or threw, since it last did what it was asked. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * Has it do something; makes it first where there is none.
   * Errors: those of `open`; `pose-inference` when it throws.
   */
  async use<T>(task: (landmarker: L) => T | Promise<T>): Promise<Result<T>> {
    if (this.#landmarker?.spent()) this.close();
    const made = await this.#make();
    if (!made.ok) return made;
    try {
      const value = await task(made.value);
      this.#failures = 0;
      return ok(value);
    } catch (thrown) {
      this.#failures += 1;
      this.close();
      return fail(appError('pose-inference', describeThrown(thrown)));
    }
  }

  close(): void {
    const landmarker = this.#landmarker;
    this.#landmarker = undefined;
    try {
      landmarker?.close();
    } catch {
      // It was broken, and is forgotten either way; what broke it was told when it happened.
    }
  }

  async #make(): Promise<Result<L>> {
    if (this.#landmarker) return ok(this.#landmarker);
    const made = await this.#open();
    if (made.ok) this.#landmarker = made.value;
    else this.#failures += 1;
    return made;
  }
}
