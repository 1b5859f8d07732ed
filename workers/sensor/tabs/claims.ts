/** One device, one tab: a lock per sensor, held by the tab whose window has the link. */
import type { Clock } from '../../../src/lib/timers.ts';
import { appError } from '../../../src/model/errors.ts';
import { fail, ok, type Result } from '../../../src/model/result.ts';
import type { SensorId } from '../../../src/model/sensor.ts';
import { sensorLock, type Locks } from './ports.ts';

/** A page that was just reloaded may have to wait until the browser has ended its predecessor, ms. */
const CLAIM_WAIT = 700;

export class Claims {
  readonly #locks: Locks | undefined;
  readonly #clock: Clock;
  readonly #held = new Map<SensorId, () => void>();
  readonly #asking = new Map<SensorId, Promise<Result<void>>>();

  /** @param locks undefined: nothing is claimed, everything is granted */
  constructor(locks: Locks | undefined, clock: Clock) {
    this.#locks = locks;
    this.#clock = clock;
  }

  /** Claims a sensor for this tab, or says `bluetooth-other-tab`. */
  claim(sensorId: SensorId): Promise<Result<void>> {
    if (!this.#locks || this.#held.has(sensorId)) return Promise.resolve(ok(undefined));
    const asking = this.#asking.get(sensorId) ?? this.#ask(this.#locks, sensorId);
    this.#asking.set(sensorId, asking);
    return asking;
  }

  release(sensorId: SensorId): void {
    this.#held.get(sensorId)?.();
    this.#held.delete(sensorId);
  }

  #ask(locks: Locks, sensorId: SensorId): Promise<Result<void>> {
    const abort = new AbortController();
    const giveUp = this.#clock.after(CLAIM_WAIT, () => abort.abort());
    return new Promise((resolve) => {
      const settle = (result: Result<void>): void => {
        giveUp();
        this.#asking.delete(sensorId);
        resolve(result);
      };
      const hold = (): Promise<void> =>
        new Promise((release) => {
          this.#held.set(sensorId, release);
          settle(ok(undefined));
        });
      // Once held, the request ends with the claim, and has nothing to say any more.
      locks
        .request(sensorLock(sensorId), { signal: abort.signal }, hold)
        .catch(() => settle(fail(appError('bluetooth-other-tab'))));
    });
  }
}
