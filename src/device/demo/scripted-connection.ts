/** The GATT side of a scripted device: services, values, notifications, writes. */
import { appError, type AppError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Connection, FoundCharacteristic, OnBytes } from '../bluetooth/radio.ts';
import type { Uuid } from '../profiles/profile.ts';
import type { Metronome } from './metronome.ts';
import type { ScriptedModel, Wire } from './model.ts';

export interface ScriptedConnectionOptions {
  readonly model: ScriptedModel;
  readonly noServices: boolean;
  readonly metronome: Metronome;
  /** Unix ms. */
  readonly now: () => number;
}

interface Subscription {
  readonly onBytes: OnBytes;
  readonly signal: AbortSignal;
  readonly end: AbortController;
}

export class ScriptedConnection implements Connection {
  readonly #options: ScriptedConnectionOptions;
  readonly #gone = new AbortController();
  readonly #subscriptions = new Map<Uuid, Subscription>();
  readonly #wire: Wire;
  /** Handles of this connection; those of an earlier one are refused, as a browser does. */
  #handles: readonly FoundCharacteristic[] = [];

  constructor(options: ScriptedConnectionOptions) {
    this.#options = options;
    this.#wire = {
      notify: (uuid, bytes, arrival) => this.#notify(uuid, bytes, arrival),
      answer: (uuid, bytes) => this.#notify(uuid, bytes, options.now()),
      later: (ms, run) => options.metronome.once(ms, run, this.#gone.signal),
      hangUp: () => this.disconnect(),
    };
  }

  services(wanted: readonly Uuid[], signal: AbortSignal): Promise<Result<readonly FoundCharacteristic[]>> {
    const error = this.#refusal(signal);
    if (error) return Promise.resolve(fail(error));
    const { noServices, model } = this.#options;
    const offered = noServices ? [] : model.offer.filter(({ service }) => wanted.includes(service));
    if (offered.length === 0) return Promise.resolve(fail(appError('bluetooth-no-services', 'scripted')));
    this.#handles = offered.map((characteristic) => ({ ...characteristic }));
    return Promise.resolve(ok(this.#handles));
  }

  subscribe(target: FoundCharacteristic, onBytes: OnBytes, signal: AbortSignal): Promise<Result<void>> {
    const error = this.#refusal(signal, target, 'notify');
    if (error) return Promise.resolve(fail(error));
    // Subscribed to anew: the new listener takes over.
    this.#subscriptions.get(target.uuid)?.end.abort();
    const end = new AbortController();
    const all = AbortSignal.any([signal, this.#gone.signal, end.signal]);
    this.#subscriptions.set(target.uuid, { onBytes, signal: all, end });
    const { model, metronome } = this.#options;
    for (const stream of model.streams) {
      if (stream.on === target.uuid) metronome.every(stream, (beat) => stream.send(beat, this.#wire), all);
    }
    return Promise.resolve(ok(undefined));
  }

  read(target: FoundCharacteristic, signal: AbortSignal): Promise<Result<ArrayBuffer>> {
    const error = this.#refusal(signal, target, 'read');
    return Promise.resolve(error ? fail(error) : ok(this.#options.model.read(target.uuid).buffer));
  }

  write(target: FoundCharacteristic, bytes: ArrayBuffer, signal: AbortSignal): Promise<Result<void>> {
    const error =
      this.#refusal(signal, target, 'write') ??
      this.#options.model.write?.(target.uuid, new Uint8Array(bytes.slice(0)), this.#wire);
    return Promise.resolve(error ? fail(error) : ok(undefined));
  }

  onDisconnected(listener: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    if (this.#gone.signal.aborted) queueMicrotask(() => !signal.aborted && listener());
    else this.#gone.signal.addEventListener('abort', () => listener(), { once: true, signal });
  }

  disconnect(): void {
    this.#gone.abort();
  }

  #notify(uuid: Uuid, bytes: Uint8Array<ArrayBuffer>, arrival: number): void {
    const subscription = this.#subscriptions.get(uuid);
    if (subscription && !subscription.signal.aborted) subscription.onBytes(bytes.buffer, arrival);
  }

  /** Why an operation cannot be done now, if it cannot. */
  #refusal(signal: AbortSignal, target?: FoundCharacteristic, use?: 'read' | 'notify' | 'write'): AppError | undefined {
    if (signal.aborted) return appError('bluetooth-cancelled', 'scripted');
    if (this.#gone.signal.aborted) return appError('bluetooth-out-of-range', 'scripted: disconnected');
    if (target && !this.#handles.includes(target))
      return appError('bluetooth-gatt', 'found over an earlier connection');
    if (target && use && !target.can[use]) return appError('bluetooth-gatt', `${use}: not permitted`);
    return undefined;
  }
}
