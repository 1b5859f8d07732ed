/** A radio whose devices are scripted: "Try a demo sensor" in the app, and the double of the real one in tests. */
import { systemTimers, type Timers } from '../../lib/timers.ts';
import { appError, type AppError, type ErrorCode } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Capability, Peripheral, Radio, RequestOptions } from '../bluetooth/radio.ts';
import { demoIdentity, parseDemoId, type RadioDemoKind } from './catalogue.ts';
import { isRadioDemo, RADIO_MODELS } from './peripherals/models.ts';
import type { StrapScript } from './script.ts';
import { ScriptedPeripheral } from './scripted-peripheral.ts';

export interface ScriptedRadioOptions {
  /** Same seed, same bytes; device number n of a kind always differs from number m. */
  readonly seed?: number;
  readonly timers?: Timers;
  /** Unix ms. */
  readonly now?: () => number;
  /** Ids of devices used in an earlier visit: `known()` has them from the start. */
  readonly remembered?: readonly string[];
  /** What goes wrong with device `number` (from 1) of its kind. */
  readonly script?: (number: number) => StrapScript;
  /** Errors of the first choices, in order; after them each choice yields a device. */
  readonly refuseRequests?: readonly ErrorCode[];
}

export interface ScriptedRadio extends Radio {
  /** Makes a device of an earlier visit known again. Ids that are none of ours are ignored. */
  remember(id: string): void;
  /** Turns the scripted adapter on or off; off drops every link. */
  setAdapter(on: boolean): void;
  /** Drops the link of one device, as if it went out of range. */
  drop(id: string): void;
}

/** What a choice without a kind yields. */
const USUAL = 'strap';

/**
 * A radio that hands out "Demo strap 1", "Demo strap 2" … Each request yields one more device of its kind;
 * `source-unsupported` for a kind that there is not.
 */
export function createScriptedRadio(options: ScriptedRadioOptions = {}): ScriptedRadio {
  return new DemoRadio(options);
}

class DemoRadio implements ScriptedRadio {
  readonly #options: ScriptedRadioOptions;
  readonly #devices = new Map<string, ScriptedPeripheral>();
  readonly #listeners = new Set<(on: boolean) => void>();
  /** Numbers are not used twice in a visit: a forgotten device does not come back as a new one. */
  readonly #highest = new Map<RadioDemoKind, number>();
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

  request({ kind = USUAL }: RequestOptions): Promise<Result<Peripheral>> {
    const refused = this.#options.refuseRequests?.[this.#requests];
    this.#requests += 1;
    const error = refused === undefined ? this.#radioError() : appError(refused, 'scripted');
    if (error) return Promise.resolve(fail(error));
    if (!isRadioDemo(kind)) return Promise.resolve(fail(appError('source-unsupported', `demo ${kind}`)));
    return Promise.resolve(ok(this.#make(kind, (this.#highest.get(kind) ?? 0) + 1, false)));
  }

  known(): Promise<readonly Peripheral[]> {
    return Promise.resolve([...this.#devices.values()]);
  }

  onAdapterChange(listener: (on: boolean) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  remember(id: string): void {
    const parsed = parseDemoId(id);
    if (parsed && isRadioDemo(parsed.kind) && !this.#devices.has(id)) this.#make(parsed.kind, parsed.number, true);
  }

  setAdapter(on: boolean): void {
    if (on === this.#adapter) return;
    this.#adapter = on;
    for (const listener of [...this.#listeners]) listener(on);
    if (!on) for (const device of this.#devices.values()) device.drop();
  }

  drop(id: string): void {
    this.#devices.get(id)?.drop();
  }

  #radioError(): AppError | undefined {
    return this.#adapter ? undefined : appError('bluetooth-adapter-off', 'scripted');
  }

  #make(kind: RadioDemoKind, number: number, remembered: boolean): ScriptedPeripheral {
    const { seed: base = 1, timers = systemTimers, now = Date.now, script } = this.#options;
    const { id, name, seed } = demoIdentity(kind, number, base);
    const { sensorType, create } = RADIO_MODELS[kind];
    const goesWrong = script?.(number) ?? {};
    const device = new ScriptedPeripheral({
      id,
      name,
      sensorType,
      model: create({ seed, script: goesWrong }),
      script: goesWrong,
      remembered,
      timers,
      now,
      radioError: () => this.#radioError(),
      onForget: () => this.#devices.delete(id),
    });
    this.#devices.set(id, device);
    this.#highest.set(kind, Math.max(this.#highest.get(kind) ?? 0, number));
    return device;
  }
}
