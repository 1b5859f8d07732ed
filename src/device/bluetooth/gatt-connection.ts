/** A GATT connection of the browser. Knows Web Bluetooth's objects, not `navigator`. */
import type { Timers } from '../../lib/timers.ts';
import { appError, type AppError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Uuid } from '../profiles/profile.ts';
import { gattError, type GattStep } from './gatt-errors.ts';
import { createGattQueue, type GattQueue } from './gatt-queue.ts';
import type { Connection, FoundCharacteristic, OnBytes } from './radio.ts';

export interface ConnectionDeps {
  readonly timers: Timers;
  readonly brave: boolean;
  /** Event time stamp → Unix ms. */
  readonly arrival: (timeStamp: number) => number;
}

/**
 * The bytes of a DataView in a buffer of their own. The view may cover only a part of its buffer, and the copy is
 * transferred to the worker, which would detach the browser's.
 */
export function copyBytes(view: DataView): ArrayBuffer {
  const copy = new Uint8Array(view.byteLength);
  copy.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return copy.buffer;
}

export class GattConnection implements Connection {
  readonly #server: BluetoothRemoteGATTServer;
  readonly #deps: ConnectionDeps;
  readonly #queue: GattQueue;
  /** Aborted once the link is gone, by whoever's doing. */
  readonly #gone = new AbortController();
  /** The browser's object behind each characteristic found over this connection. */
  readonly #found = new WeakMap<FoundCharacteristic, BluetoothRemoteGATTCharacteristic>();

  constructor(device: BluetoothDevice, server: BluetoothRemoteGATTServer, deps: ConnectionDeps) {
    this.#server = server;
    this.#deps = deps;
    this.#queue = createGattQueue(deps.timers);
    device.addEventListener('gattserverdisconnected', () => this.#gone.abort(), {
      once: true,
      signal: this.#gone.signal,
    });
  }

  async services(wanted: readonly Uuid[], signal: AbortSignal): Promise<Result<readonly FoundCharacteristic[]>> {
    // One question for all services: asking for each by name costs a round trip even for those that are not there.
    const all = await this.#run('discover', 'services', signal, () => this.#server.getPrimaryServices());
    if (!all.ok) return all;
    const known = all.value.filter((service) => wanted.includes(service.uuid));
    const found: FoundCharacteristic[] = [];
    for (const service of known) {
      const part = await this.#run('discover', service.uuid, signal, () => service.getCharacteristics());
      if (part.ok) found.push(...part.value.map((characteristic) => this.#note(service.uuid, characteristic)));
      // A service without any characteristic is odd, but no reason to give the others up.
      else if (part.error.code !== 'bluetooth-no-services') return part;
    }
    if (found.length > 0) return ok(found);
    return fail(appError('bluetooth-no-services', all.value.map((service) => service.uuid).join(' ')));
  }

  async subscribe(target: FoundCharacteristic, onBytes: OnBytes, signal: AbortSignal): Promise<Result<void>> {
    const characteristic = this.#found.get(target);
    if (characteristic === undefined) return fail(outdated(target));
    // Before the start: the first packets may come before startNotifications has resolved.
    characteristic.addEventListener(
      'characteristicvaluechanged',
      (event) => {
        if (characteristic.value) onBytes(copyBytes(characteristic.value), this.#deps.arrival(event.timeStamp));
      },
      { signal },
    );
    const started = await this.#run('subscribe', target.uuid, signal, () => characteristic.startNotifications());
    return started.ok ? ok(undefined) : started;
  }

  async read(target: FoundCharacteristic, signal: AbortSignal): Promise<Result<ArrayBuffer>> {
    const characteristic = this.#found.get(target);
    if (characteristic === undefined) return fail(outdated(target));
    const value = await this.#run('read', target.uuid, signal, () => characteristic.readValue());
    return value.ok ? ok(copyBytes(value.value)) : value;
  }

  async write(target: FoundCharacteristic, bytes: ArrayBuffer, signal: AbortSignal): Promise<Result<void>> {
    const characteristic = this.#found.get(target);
    if (characteristic === undefined) return fail(outdated(target));
    const confirmed = characteristic.properties.write;
    return this.#run('write', target.uuid, signal, () =>
      confirmed ? characteristic.writeValueWithResponse(bytes) : characteristic.writeValueWithoutResponse(bytes),
    );
  }

  onDisconnected(listener: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    if (!this.#gone.signal.aborted) {
      this.#gone.signal.addEventListener('abort', () => listener(), { once: true, signal });
      return;
    }
    // Later, as an event would: callers do not expect to be called from within.
    queueMicrotask(() => {
      if (!signal.aborted) listener();
    });
  }

  disconnect(): void {
    this.#gone.abort();
    this.#server.disconnect();
  }

  #note(service: Uuid, characteristic: BluetoothRemoteGATTCharacteristic): FoundCharacteristic {
    const { read, notify, indicate, write, writeWithoutResponse } = characteristic.properties;
    const can = { read, notify: notify || indicate, write: write || writeWithoutResponse };
    const found = { service, uuid: characteristic.uuid, can };
    this.#found.set(found, characteristic);
    return found;
  }

  #run<T>(step: GattStep, what: string, signal: AbortSignal, operation: () => Promise<T>): Promise<Result<T>> {
    return this.#queue.run(
      `${step} ${what}`,
      async () => {
        if (this.#gone.signal.aborted) return fail(appError('bluetooth-out-of-range', `${step} ${what}: disconnected`));
        try {
          return ok(await operation());
        } catch (thrown) {
          return fail(gattError(thrown, step, this.#deps.brave));
        }
      },
      signal,
    );
  }
}

function outdated(target: FoundCharacteristic): AppError {
  return appError('bluetooth-gatt', `${target.uuid}: found over an earlier connection`);
}
