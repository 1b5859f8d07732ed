/** The GATT side of a scripted strap: services, values, notifications. */
import { appError, type AppError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Connection, FoundCharacteristic, OnBytes } from '../bluetooth/radio.ts';
import { BATTERY_LEVEL, BATTERY_SERVICE } from '../profiles/battery.ts';
import { DEVICE_INFORMATION_SERVICE } from '../profiles/device-information.ts';
import {
  BODY_SENSOR_LOCATION,
  HEART_RATE_CONTROL_POINT,
  HEART_RATE_MEASUREMENT,
  HEART_RATE_SERVICE,
  RESET_ENERGY_EXPENDED,
} from '../profiles/heart-rate.ts';
import { assigned, type Uuid } from '../profiles/profile.ts';

export interface ScriptedConnectionOptions {
  readonly noServices: boolean;
  /** Percent. */
  readonly battery: () => number;
  /** Unix ms. */
  readonly now: () => number;
  /** Heart rate was subscribed to: send until `signal` is aborted. */
  readonly onStream: (signal: AbortSignal) => void;
  readonly onResetEnergy: () => void;
}

/** 1 = chest. */
const CHEST = 1;
const TEXTS: ReadonlyMap<Uuid, string> = new Map([
  [assigned(0x2a29), 'Sensocto Web'],
  [assigned(0x2a24), 'Demo strap'],
  [assigned(0x2a26), '1.0'],
]);

/** What the strap offers: service, characteristic, and what can be done with it. */
const OFFER: readonly FoundCharacteristic[] = [
  offer(HEART_RATE_SERVICE, HEART_RATE_MEASUREMENT, 'notify'),
  offer(HEART_RATE_SERVICE, BODY_SENSOR_LOCATION, 'read'),
  offer(HEART_RATE_SERVICE, HEART_RATE_CONTROL_POINT, 'write'),
  offer(BATTERY_SERVICE, BATTERY_LEVEL, 'read', 'notify'),
  ...[...TEXTS.keys()].map((uuid) => offer(DEVICE_INFORMATION_SERVICE, uuid, 'read')),
];

function offer(service: Uuid, uuid: Uuid, ...can: readonly ('read' | 'notify' | 'write')[]): FoundCharacteristic {
  return {
    service,
    uuid,
    can: { read: can.includes('read'), notify: can.includes('notify'), write: can.includes('write') },
  };
}

interface Subscription {
  readonly onBytes: OnBytes;
  readonly signal: AbortSignal;
}

export class ScriptedConnection implements Connection {
  readonly #options: ScriptedConnectionOptions;
  readonly #gone = new AbortController();
  readonly #subscriptions = new Map<Uuid, Subscription>();
  /** Handles of this connection; those of an earlier one are refused, as a browser does. */
  #handles: readonly FoundCharacteristic[] = [];

  constructor(options: ScriptedConnectionOptions) {
    this.#options = options;
  }

  services(wanted: readonly Uuid[], signal: AbortSignal): Promise<Result<readonly FoundCharacteristic[]>> {
    const error = this.#refusal(signal);
    if (error) return Promise.resolve(fail(error));
    const offered = this.#options.noServices ? [] : OFFER.filter(({ service }) => wanted.includes(service));
    if (offered.length === 0) return Promise.resolve(fail(appError('bluetooth-no-services', 'scripted')));
    this.#handles = offered.map((characteristic) => ({ ...characteristic }));
    return Promise.resolve(ok(this.#handles));
  }

  subscribe(target: FoundCharacteristic, onBytes: OnBytes, signal: AbortSignal): Promise<Result<void>> {
    const error = this.#refusal(signal, target, 'notify');
    if (error) return Promise.resolve(fail(error));
    const both = AbortSignal.any([signal, this.#gone.signal]);
    this.#subscriptions.set(target.uuid, { onBytes, signal: both });
    if (target.uuid === HEART_RATE_MEASUREMENT) this.#options.onStream(both);
    return Promise.resolve(ok(undefined));
  }

  read(target: FoundCharacteristic, signal: AbortSignal): Promise<Result<ArrayBuffer>> {
    const error = this.#refusal(signal, target, 'read');
    return Promise.resolve(error ? fail(error) : ok(this.#value(target.uuid)));
  }

  write(target: FoundCharacteristic, bytes: ArrayBuffer, signal: AbortSignal): Promise<Result<void>> {
    const error = this.#refusal(signal, target, 'write');
    if (error) return Promise.resolve(fail(error));
    if (new Uint8Array(bytes)[0] !== RESET_ENERGY_EXPENDED) {
      return Promise.resolve(fail(appError('bluetooth-gatt', 'control point: value not supported (0x80)')));
    }
    this.#options.onResetEnergy();
    return Promise.resolve(ok(undefined));
  }

  onDisconnected(listener: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    if (this.#gone.signal.aborted) queueMicrotask(() => !signal.aborted && listener());
    else this.#gone.signal.addEventListener('abort', () => listener(), { once: true, signal });
  }

  disconnect(): void {
    this.#gone.abort();
  }

  /** Delivers a notification to whoever subscribed. */
  notify(characteristic: Uuid, bytes: ArrayBuffer, arrival: number): void {
    const subscription = this.#subscriptions.get(characteristic);
    if (subscription && !subscription.signal.aborted) subscription.onBytes(bytes, arrival);
  }

  #value(uuid: Uuid): ArrayBuffer {
    if (uuid === BATTERY_LEVEL) return Uint8Array.of(this.#options.battery()).buffer;
    if (uuid === BODY_SENSOR_LOCATION) return Uint8Array.of(CHEST).buffer;
    return Uint8Array.from(new TextEncoder().encode(TEXTS.get(uuid) ?? '')).buffer;
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
