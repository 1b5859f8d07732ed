/** A radio whose devices are scripted: "Try a demo sensor" in the app, and the double of the real one in tests. */
import { systemTimers, type Timers } from '../../lib/timers.ts';
import { appError, type AppError, type ErrorCode } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Capability, Peripheral, Radio } from '../bluetooth/radio.ts';
import type { StrapScript } from './script.ts';
import { ScriptedStrap } from './strap.ts';

export interface ScriptedRadioOptions {
  /** Same seed, same beats; strap number n always differs from strap number m. */
  readonly seed?: number;
  readonly timers?: Timers;
  /** Unix ms. */
  readonly now?: () => number;
  /** Ids of straps used in an earlier visit: `known()` has them from the start. */
  readonly remembered?: readonly string[];
  /** What goes wrong with strap `number` (from 1). */
  readonly script?: (number: number) => StrapScript;
  /** Errors of the first choices, in order; after them each choice yields a strap. */
  readonly refuseRequests?: readonly ErrorCode[];
}

export interface ScriptedRadio extends Radio {
  /** Makes a strap of an earlier visit known again. Ids that are none of ours are ignored. */
  remember(id: string): void;
  /** Turns the scripted adapter on or off; off drops every link. */
  setAdapter(on: boolean): void;
  /** Drops the link of one strap, as if it went out of range. */
  drop(id: string): void;
}

const ID_PREFIX = 'demo-strap-';

/** The number of a strap id, undefined if it is not one of ours. */
function strapNumber(id: string): number | undefined {
  const digits = id.startsWith(ID_PREFIX) ? id.slice(ID_PREFIX.length) : '';
  return /^[1-9]\d{0,3}$/.test(digits) ? Number(digits) : undefined;
}

/** A radio that hands out "Demo strap 1", "Demo strap 2" … */
export function createScriptedRadio(options: ScriptedRadioOptions = {}): ScriptedRadio {
  return new ScriptedStraps(options);
}

class ScriptedStraps implements ScriptedRadio {
  readonly #options: ScriptedRadioOptions;
  readonly #straps = new Map<string, ScriptedStrap>();
  readonly #listeners = new Set<(on: boolean) => void>();
  /** Numbers are not used twice in a visit: a forgotten strap does not come back as a new one. */
  #highest = 0;
  #requests = 0;
  #adapter = true;

  constructor(options: ScriptedRadioOptions) {
    this.#options = options;
    for (const id of options.remembered ?? []) this.remember(id);
  }

  capability(): Promise<Result<Capability>> {
    const error = this.#radioError();
    return Promise.resolve(error ? fail(error) : ok({ canReturn: true }));
  }

  request(): Promise<Result<Peripheral>> {
    const refused = this.#options.refuseRequests?.[this.#requests];
    this.#requests += 1;
    const error = refused === undefined ? this.#radioError() : appError(refused, 'scripted');
    if (error) return Promise.resolve(fail(error));
    return Promise.resolve(ok(this.#make(this.#highest + 1, false)));
  }

  known(): Promise<readonly Peripheral[]> {
    return Promise.resolve([...this.#straps.values()]);
  }

  onAdapterChange(listener: (on: boolean) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  remember(id: string): void {
    const number = strapNumber(id);
    if (number !== undefined && !this.#straps.has(id)) this.#make(number, true);
  }

  setAdapter(on: boolean): void {
    if (on === this.#adapter) return;
    this.#adapter = on;
    for (const listener of [...this.#listeners]) listener(on);
    if (!on) for (const strap of this.#straps.values()) strap.drop();
  }

  drop(id: string): void {
    this.#straps.get(id)?.drop();
  }

  #radioError(): AppError | undefined {
    return this.#adapter ? undefined : appError('bluetooth-adapter-off', 'scripted');
  }

  #make(number: number, remembered: boolean): ScriptedStrap {
    const { seed = 1, timers = systemTimers, now = Date.now, script } = this.#options;
    const id = `${ID_PREFIX}${number}`;
    const strap = new ScriptedStrap({
      id,
      name: `Demo strap ${number}`,
      // A prime apart, so that neighbours share no part of their sequence that anyone would notice.
      seed: seed + number * 7919,
      script: script?.(number) ?? {},
      remembered,
      timers,
      now,
      radioError: () => this.#radioError(),
      onForget: () => this.#straps.delete(id),
    });
    this.#straps.set(id, strap);
    this.#highest = Math.max(this.#highest, number);
    return strap;
  }
}
