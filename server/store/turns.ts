/** Long work in short turns: between two of them the event loop takes care of those who stream. */

/** What a turn may do at most, beyond the piece of work that reaches it. */
export const TURN_SAMPLES = 2048;
export const TURN_BYTES = 2 ** 18;
/** ms, should the machine be busy. */
const TURN_TIME = 8;

/** Work done in one turn. */
export interface Turn {
  readonly samples: number;
  readonly bytes: number;
}

export class Turns {
  readonly #pause: (turn: Turn) => Promise<void>;
  #samples = 0;
  #bytes = 0;
  #until = performance.now() + TURN_TIME;

  /** @param pause resolves when it is our turn again */
  constructor(pause: (turn: Turn) => Promise<void>) {
    this.#pause = pause;
  }

  /** Call behind each piece of work. True if the turn is over: call `end` then. */
  did(samples: number, bytes: number): boolean {
    this.#samples += samples;
    this.#bytes += bytes;
    return this.#samples >= TURN_SAMPLES || this.#bytes >= TURN_BYTES || performance.now() >= this.#until;
  }

  async end(): Promise<void> {
    const turn = { samples: this.#samples, bytes: this.#bytes };
    this.#samples = 0;
    this.#bytes = 0;
    await this.#pause(turn);
    this.#until = performance.now() + TURN_TIME;
  }
}

/** Resolves when everything that waits now has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
