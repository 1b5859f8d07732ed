/**
 * A scripted device near the radio: connects, is heard, goes out of range, goes through the same link as a real one. What
 * it measures is its model's business.
 */
import type { Timers } from '../../lib/timers.ts';
import { appError, type AppError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Connection, Peripheral } from '../bluetooth/radio.ts';
import { createMetronome, type Metronome } from './metronome.ts';
import type { ScriptedModel } from './model.ts';
import { refusal, type StrapScript } from './script.ts';
import { ScriptedConnection } from './scripted-connection.ts';

/** How long until a device that was used before is heard again, ms. */
const ADVERTISED_AFTER = 500;

export interface ScriptedPeripheralOptions {
  readonly id: string;
  readonly name: string;
  readonly sensorType: string;
  readonly model: ScriptedModel;
  readonly script: StrapScript;
  readonly remembered: boolean;
  readonly timers: Timers;
  /** Unix ms. */
  readonly now: () => number;
  /** Why the radio cannot connect now, if it cannot. */
  readonly radioError: () => AppError | undefined;
  readonly onForget: () => void;
}

export class ScriptedPeripheral implements Peripheral {
  readonly demo = true;
  readonly sensorType: string;
  readonly id: string;
  readonly name: string;
  readonly #options: ScriptedPeripheralOptions;
  readonly #metronome: Metronome;
  #remembered: boolean;
  #forgotten = false;
  #connects = 0;
  /** Connections made so far; scripts tell them apart. */
  #connections = 0;
  #current: ScriptedConnection | undefined;

  constructor(options: ScriptedPeripheralOptions) {
    this.id = options.id;
    this.name = options.name;
    this.sensorType = options.sensorType;
    this.#options = options;
    this.#metronome = createMetronome(options.now, options.timers);
    this.#remembered = options.remembered;
  }

  get remembered(): boolean {
    return this.#remembered;
  }

  connect(signal: AbortSignal): Promise<Result<Connection>> {
    this.#connects += 1;
    const { script, radioError } = this.#options;
    if (signal.aborted) return Promise.resolve(fail(appError('bluetooth-cancelled', 'connect')));
    if (this.#connects <= (script.hangConnect ?? 0)) return new Promise(() => undefined);
    const error = this.#forgotten
      ? appError('bluetooth-device-forgotten')
      : (radioError() ?? refusal(script, this.#connects));
    if (error) return Promise.resolve(fail(error));
    this.drop();
    this.#remembered = false;
    return Promise.resolve(ok(this.#open()));
  }

  advertisements(onSeen: () => void, signal: AbortSignal): Promise<Result<void>> {
    const error = this.#forgotten ? appError('bluetooth-device-forgotten') : this.#options.radioError();
    if (error) return Promise.resolve(fail(error));
    const cancel = this.#options.timers.after(ADVERTISED_AFTER, () => {
      if (!signal.aborted) onSeen();
    });
    signal.addEventListener('abort', cancel, { once: true });
    return Promise.resolve(ok(undefined));
  }

  forget(): Promise<Result<void>> {
    this.#forgotten = true;
    this.drop();
    this.#options.onForget();
    return Promise.resolve(ok(undefined));
  }

  /** Ends the present connection as if the device had gone out of range. */
  drop(): void {
    this.#current?.disconnect();
    this.#current = undefined;
  }

  #open(): ScriptedConnection {
    const { model, script, now } = this.#options;
    this.#connections += 1;
    model.connected?.(this.#connections);
    this.#current = new ScriptedConnection({
      model,
      noServices: script.noServices === true,
      metronome: this.#metronome,
      now,
    });
    return this.#current;
  }
}
