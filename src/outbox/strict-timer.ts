/**
 * When writes are forced to the disk: the system may hold back what is not, but never for long. Knows which sensors have
 * such writes.
 */
import type { Timers } from '../lib/timers.ts';
import type { SensorLog } from './sensor-log.ts';

/** At least this often everything is forced to the disk, ms. */
const STRICT_EVERY = 10_000;

export class StrictTimer {
  readonly #timers: Timers;
  readonly #onDue: () => void;
  /** Sensors with writes that are not forced to the disk. */
  readonly #loose = new Set<SensorLog>();
  #cancel: (() => void) | undefined;
  #due = false;

  /** @param onDue something must be written now */
  constructor(timers: Timers, onDue: () => void) {
    this.#timers = timers;
    this.#onDue = onDue;
  }

  /** Whether the next transaction must be forced. */
  get due(): boolean {
    return this.#due;
  }

  /** Makes the next transaction cover everything that may be held back. */
  touch(): void {
    for (const log of this.#loose) log.touch();
  }

  /** A transaction of these sensors has succeeded. */
  wrote(logs: readonly SensorLog[], strict: boolean): void {
    if (strict) {
      // A forced transaction brings all before it to the disk as well.
      this.#loose.clear();
      this.stop();
      this.#due = false;
      return;
    }
    for (const log of logs) this.#loose.add(log);
    this.#cancel ??= this.#timers.after(STRICT_EVERY, () => {
      this.#cancel = undefined;
      this.#due = true;
      this.touch();
      this.#onDue();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
